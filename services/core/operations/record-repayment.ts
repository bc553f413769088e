import type { Credit } from "#gen/mizan/billing/v1/credit_pb.ts";
import {
  type RecordRepaymentRequest,
  type RecordRepaymentResponse,
  RecordRepaymentResponseSchema,
} from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { findReply, once } from "#mesh/database/idempotency.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import type { Call, Core } from "../context.ts";
import { fromPositiveMoney } from "../domain/credit-money.ts";
import { changeCredit } from "./change-credit.ts";
import { getCredit } from "./get-credit.ts";
import { getMerchant } from "./get-merchant.ts";
import { toMerchant, toMerchantCredit } from "./merchant-messages.ts";

/**
 * Records what a merchant has paid back, once per key (FLOW-13). Throws MERCHANT_NOT_FOUND,
 * ASSET_NOT_ACCEPTED, INVALID_AMOUNT, AMOUNT_TOO_LARGE, REPAYMENT_EXCEEDED for more than is used, and
 * above the limit for one administrator REASON_REQUIRED without the bank's reference, or
 * APPROVAL_REQUIRED: a payment that never came would be credit for nothing (S10).
 */
export async function recordRepayment(
  core: Core,
  request: Omit<RecordRepaymentRequest, "$typeName">,
  call: Call,
): Promise<RecordRepaymentResponse> {
  const merchantId = request.merchantId.toLowerCase();
  const limitMinor = fromPositiveMoney(request.amount!);
  const { bank, reference: remark } = request;
  const wanted = { merchantId, kind: "REPAY", limitMinor, remark, bank } as const;
  const refusal = await changeCredit(core, wanted, call);
  const credit = refusal === undefined ? await creditAfter(core, merchantId, call) : undefined;
  return once(core.db, call.values, RecordRepaymentResponseSchema, async (tx) => {
    if (refusal !== undefined) throw refusal;
    const merchant = toMerchant(await getMerchant(tx, merchantId));
    return { merchant, ...(credit && { credit: toMerchantCredit(credit) }) };
  });
}

/** The credit for the answer, unless the call has one already. */
async function creditAfter(core: Core, id: string, call: Call): Promise<Credit | undefined> {
  const key = call.values.get(callKey);
  if (key === undefined || (await findReply(core.db.sql, key)) !== undefined) return undefined;
  return getCredit(core, { id }, call);
}
