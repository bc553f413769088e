import type { ServiceImpl } from "@connectrpc/connect";
import { Merchant_State } from "#gen/mizan/core/v1/merchant_pb.ts";
import type { MerchantService } from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import type { Core } from "../context.ts";
import { toMoney } from "../domain/credit-money.ts";
import type { MerchantState } from "../domain/merchant.ts";
import { approveMerchant } from "../operations/approve-merchant.ts";
import { getCredit } from "../operations/get-credit.ts";
import { getCurrentMerchant } from "../operations/get-current-merchant.ts";
import { getMerchant } from "../operations/get-merchant.ts";
import { listMerchants } from "../operations/list-merchants.ts";
import {
  toMerchant,
  toMerchantBalance,
  toMerchantCredit,
} from "../operations/merchant-messages.ts";
import { recordRepayment } from "../operations/record-repayment.ts";
import { registerMerchant } from "../operations/register-merchant.ts";
import { reinstateMerchant } from "../operations/reinstate-merchant.ts";
import { rejectMerchant } from "../operations/reject-merchant.ts";
import { setBankAccount } from "../operations/set-bank-account.ts";
import { setCreditLimit } from "../operations/set-credit-limit.ts";
import { suspendMerchant } from "../operations/suspend-merchant.ts";

/** Lets merchants register and see how they stand, and administrators decide on them. */
export const merchantService = (core: Core): ServiceImpl<typeof MerchantService> => ({
  registerMerchant: async (request, call) => registerMerchant(core, request, call),
  approveMerchant: async (request, call) => approveMerchant(core, request, call),
  rejectMerchant: async (request, call) => rejectMerchant(core, request, call),
  suspendMerchant: async (request, call) => suspendMerchant(core, request, call),
  reinstateMerchant: async (request, call) => reinstateMerchant(core, request, call),
  setCreditLimit: async (request, call) => setCreditLimit(core, request, call),
  recordRepayment: async (request, call) => recordRepayment(core, request, call),
  listMerchants: async ({ state, username, ...page }) => {
    const filter = { state: states.get(state), username: username || undefined };
    const { merchants, nextPageToken } = await listMerchants(core, { ...page, ...filter });
    return { merchants: merchants.map(toMerchant), nextPageToken };
  },
  getMerchant: async ({ merchantId }, call) => {
    const merchant = await getMerchant(core.db.sql, merchantId.toLowerCase());
    const credit = await getCredit(core, merchant, call);
    return { merchant: toMerchant(merchant), ...(credit && { credit: toMerchantCredit(credit) }) };
  },
  getCurrentMerchant: async (_, call) => {
    const { id } = personOf(call.values);
    const { merchant, credit, wallet } = await getCurrentMerchant(core, id, call);
    return {
      merchant: toMerchant(merchant),
      ...(credit && { credit: toMerchantCredit(credit) }),
      wallet: wallet.map(toMerchantBalance),
      withdrawalFee: toMoney(core.withdrawalFeeMinor),
    };
  },
  setBankAccount: async ({ bankAccount }, call) => setBankAccount(core, bankAccount, call),
});

/** The states by which merchants can be listed; any other number asks for all. */
const states: ReadonlyMap<Merchant_State, MerchantState> = new Map([
  [Merchant_State.PENDING, "PENDING"],
  [Merchant_State.ACTIVE, "ACTIVE"],
  [Merchant_State.REJECTED, "REJECTED"],
  [Merchant_State.SUSPENDED, "SUSPENDED"],
]);
