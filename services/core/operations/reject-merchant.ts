import {
  type RejectMerchantRequest,
  type RejectMerchantResponse,
  RejectMerchantResponseSchema,
} from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { once } from "#mesh/database/idempotency.ts";
import type { Call, Core } from "../context.ts";
import { decideMerchant } from "./decide-merchant.ts";
import { finishOpenChange } from "./finish-credit-changes.ts";
import { toMerchant } from "./merchant-messages.ts";

/**
 * Turns a merchant down that waits, for good, once per key. Throws MERCHANT_NOT_FOUND and
 * MERCHANT_STATE_DIFFERS.
 */
export async function rejectMerchant(
  core: Core,
  request: Omit<RejectMerchantRequest, "$typeName" | "requestId">,
  call: Call,
): Promise<RejectMerchantResponse> {
  const merchantId = request.merchantId.toLowerCase();
  await finishOpenChange(core, merchantId, call);
  return once(core.db, call.values, RejectMerchantResponseSchema, async (tx) => {
    const merchant = await decideMerchant(tx, {
      merchantId,
      from: "PENDING",
      to: "REJECTED",
      reason: request.reason,
      type: "MERCHANT_REJECTED",
      decidedBy: personOf(call.values).id,
    });
    return { merchant: toMerchant(merchant) };
  });
}
