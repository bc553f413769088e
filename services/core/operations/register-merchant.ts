import {
  type RegisterMerchantRequest,
  type RegisterMerchantResponse,
  RegisterMerchantResponseSchema,
} from "#gen/mizan/core/v1/merchant_service_pb.ts";
import type { Call, Core } from "../context.ts";
import { fromMoney, toMoney } from "../domain/credit-money.ts";
import type { User } from "../domain/user.ts";
import { insertMerchant } from "../store/merchants.ts";
import type { Queries } from "../store/tables.ts";
import { getMerchant } from "./get-merchant.ts";
import { join } from "./join.ts";
import { toMerchant } from "./merchant-messages.ts";
import { tellAdministrators } from "./tell-administrators.ts";

/**
 * Registers a merchant once per key, as registerUser does a user, and tells the administrators, for
 * whom it waits. Throws ASSET_NOT_ACCEPTED, INVALID_AMOUNT, AMOUNT_TOO_LARGE and what joining throws.
 */
export async function registerMerchant(
  core: Core,
  request: Omit<RegisterMerchantRequest, "$typeName">,
  call: Call,
): Promise<RegisterMerchantResponse> {
  const { username, email, phoneNumber, password, bankAccount, requestedCredit } = request;
  const requestedCreditMinor = fromMoney(requestedCredit!);
  const roles = ["USER", "MERCHANT"] as const;
  const newcomer = { username, email, phoneNumber, password, roles };
  return join(core, newcomer, {
    call,
    schema: RegisterMerchantResponseSchema,
    fields: [String(requestedCreditMinor), bankAccount],
    welcome: async (tx, user) => {
      await insertMerchant(tx, { id: user.id, requestedCreditMinor, bankAccount });
      await tell(tx, user, requestedCreditMinor);
      return { merchant: toMerchant(await getMerchant(tx, user.id)) };
    },
    idOf: ({ merchant }) => merchant!.id,
  });
}

/** Administrators are told the id alone, so that no name outlives its erasure (S18). */
async function tell(tx: Queries, { id, createdAtMs }: User, requestedMinor: bigint): Promise<void> {
  const values = { merchant: id, ...toMoney(requestedMinor) };
  await tellAdministrators(tx, { cause: id, type: "MERCHANT_REGISTERED", values, createdAtMs });
}
