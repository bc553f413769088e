import type { Credit } from "#gen/mizan/billing/v1/credit_pb.ts";
import {
  type RecordRepaymentRequest,
  type RecordRepaymentResponse,
  RecordRepaymentResponseSchema,
} from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { findReply, once } from "#mesh/database/idempotency.ts";
import { callOptions } from "#mesh/grpc/clients.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { derivedId, newId, uuidOf } from "#mesh/ids.ts";
import type { Call, Core } from "../context.ts";
import type { Refusal } from "../domain/credit-change.ts";
import { fromPositiveMoney, type Money, toMoney } from "../domain/credit-money.ts";
import { findMerchant } from "../store/merchants.ts";
import { insertNotifications } from "../store/notifications.ts";
import type { Queries } from "../store/tables.ts";
import { getMerchant } from "./get-merchant.ts";
import { ledgerRefusal, toError } from "./ledger-refusal.ts";
import { toMerchant, toMerchantCredit } from "./merchant-messages.ts";

/**
 * Records what a merchant has paid back, once per key: on the ledger first, which knows the payment
 * by an id that follows from the key, so that a retry after a crash is the same payment (FLOW-13).
 * Throws MERCHANT_NOT_FOUND, ASSET_NOT_ACCEPTED, INVALID_AMOUNT, AMOUNT_TOO_LARGE, and
 * REPAYMENT_EXCEEDED for more than is used.
 */
export async function recordRepayment(
  core: Core,
  request: Omit<RecordRepaymentRequest, "$typeName">,
  call: Call,
): Promise<RecordRepaymentResponse> {
  const merchantId = request.merchantId.toLowerCase();
  const amount = toMoney(fromPositiveMoney(request.amount!));
  const paid = await repay(core, { ...request, merchantId, amount }, call);
  return once(core.db, call.values, RecordRepaymentResponseSchema, async (tx) => {
    const merchant = toMerchant(await getMerchant(tx, merchantId));
    if (paid.refusal !== undefined) throw toError(paid.refusal);
    await tell(tx, merchantId, amount);
    return { merchant, ...(paid.credit && { credit: toMerchantCredit(paid.credit) }) };
  });
}

/** What the ledger said; nothing when it was not asked. */
type Paid = { readonly credit?: Credit | undefined; readonly refusal?: Refusal };

type Repayment = Record<"merchantId" | "bank" | "reference", string> & { readonly amount: Money };

/** Asks the ledger, unless nobody would hear its answer. */
async function repay(
  core: Core,
  { merchantId, amount, bank, reference }: Repayment,
  call: Call,
): Promise<Paid> {
  const key = call.values.get(callKey);
  if (key === undefined || (await findReply(core.db.sql, key)) !== undefined) return {};
  if ((await findMerchant(core.db.sql, merchantId)) === undefined) return {};
  const id = uuidOf(derivedId(`repayment/${key.principal}/${key.method}/${key.key}`));
  const repayment = { requestId: id, merchantId, amount, bank, reference };
  try {
    return { credit: (await core.credit.recordRepayment(repayment, callOptions(call))).credit };
  } catch (error) {
    const refusal = ledgerRefusal(error);
    if (refusal === undefined) throw error;
    return { refusal };
  }
}

async function tell(tx: Queries, personId: string, values: Money): Promise<void> {
  const told = { id: newId(), personId, values, createdAtMs: Date.now() };
  await insertNotifications(tx, [{ ...told, type: "REPAYMENT_RECORDED" }]);
}
