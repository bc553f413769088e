import { create, fromBinary } from "@bufbuild/protobuf";
import {
  type CreateWithdrawalResponse,
  CreateWithdrawalResponseSchema,
} from "#gen/mizan/core/v1/withdrawal_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { deadlineKey } from "#mesh/deadline.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { fail as failForAll } from "#mesh/reasons.ts";
import { restKey } from "#mesh/rest.ts";
import type { Call } from "../context.ts";
import { fromPositiveMoney, type Money } from "../domain/credit-money.ts";
import { refusalOf } from "../domain/withdrawal.ts";
import { fail } from "../errors.ts";
import type { Accept } from "../saga/accept.ts";
import { toMessage } from "../saga/answer.ts";
import { newOrder } from "../saga/take-order.ts";

/**
 * Withdraws against the credit of a merchant, once a key: credit and pool are held before anybody is
 * paid. Answers with the end, or with the state that there is when the wait is over. Throws
 * ASSET_NOT_ACCEPTED, INVALID_AMOUNT and AMOUNT_TOO_LARGE, of which nothing is kept; and
 * INSUFFICIENT_CREDIT or POOL_EXHAUSTED, which the key has for good; and what `Accept` throws.
 */
export async function createWithdrawal(
  accept: Accept,
  money: Money,
  { values, signal }: Call,
): Promise<CreateWithdrawalResponse> {
  const amount = fromPositiveMoney(money);
  const call = values.get(callKey);
  if (call === undefined) throw failForAll("REQUEST_ID_REQUIRED");
  const merchantId = personOf(values).id;
  const endMs = values.get(deadlineKey) ?? Infinity;
  const waits = { signal, rest: values.get(restKey) };
  const { answer, isReplay } = await accept(newOrder({ call, merchantId, amount, endMs }), waits);
  call.replayed = isReplay;
  if (answer instanceof Uint8Array) return fromBinary(CreateWithdrawalResponseSchema, answer);
  const refusal = refusalOf(answer);
  if (refusal !== undefined) throw fail(refusal, { amount: money.amount });
  return create(CreateWithdrawalResponseSchema, { withdrawal: toMessage(answer) });
}
