import {
  type SetBankAccountResponse,
  SetBankAccountResponseSchema,
} from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { once } from "#mesh/database/idempotency.ts";
import type { Call, Core } from "../context.ts";
import { fail } from "../errors.ts";
import { updateMerchant } from "../store/merchants.ts";
import { toMerchant } from "./merchant-messages.ts";

/**
 * Says where the withdrawals of the calling merchant go from now on, once per key; those under way
 * go where they went. Throws MERCHANT_NOT_FOUND for one who has the role but never registered.
 */
export async function setBankAccount(
  core: Core,
  bankAccount: string,
  { values }: Call,
): Promise<SetBankAccountResponse> {
  const { id } = personOf(values);
  return once(core.db, values, SetBankAccountResponseSchema, async (tx) => {
    const merchant = await updateMerchant(tx, id, { bankAccount });
    if (merchant === undefined) throw fail("MERCHANT_NOT_FOUND", { merchant_id: id });
    return { merchant: toMerchant(merchant) };
  });
}
