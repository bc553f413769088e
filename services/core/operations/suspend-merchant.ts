import {
  type SuspendMerchantRequest,
  type SuspendMerchantResponse,
  SuspendMerchantResponseSchema,
} from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { once } from "#mesh/database/idempotency.ts";
import type { Call, Core } from "../context.ts";
import { decideMerchant } from "./decide-merchant.ts";
import { finishOpenChange } from "./finish-credit-changes.ts";
import { toMerchant } from "./merchant-messages.ts";

/**
 * Stops new withdrawals of a merchant, once per key; those under way go on. Throws
 * MERCHANT_NOT_FOUND and MERCHANT_STATE_DIFFERS.
 */
export async function suspendMerchant(
  core: Core,
  request: Omit<SuspendMerchantRequest, "$typeName" | "requestId">,
  call: Call,
): Promise<SuspendMerchantResponse> {
  const merchantId = request.merchantId.toLowerCase();
  await finishOpenChange(core, merchantId, call);
  return once(core.db, call.values, SuspendMerchantResponseSchema, async (tx) => {
    const merchant = await decideMerchant(tx, {
      merchantId,
      from: "ACTIVE",
      to: "SUSPENDED",
      reason: request.reason,
      type: "MERCHANT_SUSPENDED",
      decidedBy: personOf(call.values).id,
    });
    return { merchant: toMerchant(merchant) };
  });
}
