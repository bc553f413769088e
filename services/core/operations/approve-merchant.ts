import {
  type ApproveMerchantRequest,
  type ApproveMerchantResponse,
  ApproveMerchantResponseSchema,
} from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import type { Call, Core } from "../context.ts";
import { fromPositiveMoney } from "../domain/credit-money.ts";
import { changeCredit } from "./change-credit.ts";
import { getMerchant } from "./get-merchant.ts";
import { toMerchant } from "./merchant-messages.ts";

/**
 * Lets a merchant that waits withdraw up to a limit, which the ledger has before anybody is told.
 * Throws MERCHANT_NOT_FOUND, MERCHANT_STATE_DIFFERS, ASSET_NOT_ACCEPTED, INVALID_AMOUNT,
 * AMOUNT_TOO_LARGE, and above the limit for one administrator REASON_REQUIRED or APPROVAL_REQUIRED.
 */
export async function approveMerchant(
  core: Core,
  request: Omit<ApproveMerchantRequest, "$typeName">,
  call: Call,
): Promise<ApproveMerchantResponse> {
  const merchantId = request.merchantId.toLowerCase();
  const limitMinor = fromPositiveMoney(request.creditLimit!);
  const { remark } = request;
  const wanted = { merchantId, kind: "APPROVE", limitMinor, remark, bank: "" } as const;
  const refusal = await changeCredit(core, wanted, call);
  return once(core.db, call.values, ApproveMerchantResponseSchema, async (tx) => {
    if (refusal !== undefined) throw refusal;
    return { merchant: toMerchant(await getMerchant(tx, merchantId)) };
  });
}
