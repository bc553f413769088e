import {
  type ReinstateMerchantRequest,
  type ReinstateMerchantResponse,
  ReinstateMerchantResponseSchema,
} from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { once } from "#mesh/database/idempotency.ts";
import type { Call, Core } from "../context.ts";
import { decideMerchant } from "./decide-merchant.ts";
import { finishOpenChange } from "./finish-credit-changes.ts";
import { toMerchant } from "./merchant-messages.ts";

/**
 * Lets a suspended merchant withdraw again, once per key. Throws MERCHANT_NOT_FOUND and
 * MERCHANT_STATE_DIFFERS.
 */
export async function reinstateMerchant(
  core: Core,
  request: Omit<ReinstateMerchantRequest, "$typeName" | "requestId">,
  call: Call,
): Promise<ReinstateMerchantResponse> {
  const merchantId = request.merchantId.toLowerCase();
  await finishOpenChange(core, merchantId, call);
  return once(core.db, call.values, ReinstateMerchantResponseSchema, async (tx) => {
    const merchant = await decideMerchant(tx, {
      merchantId,
      from: "SUSPENDED",
      to: "ACTIVE",
      reason: "",
      type: "MERCHANT_REINSTATED",
      decidedBy: personOf(call.values).id,
    });
    return { merchant: toMerchant(merchant) };
  });
}
