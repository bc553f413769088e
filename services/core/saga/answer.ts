import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type WithdrawalAttemptSchema,
  Withdrawal_State,
  type WithdrawalSchema,
} from "#gen/mizan/core/v1/withdrawal_pb.ts";
import { CreateWithdrawalResponseSchema } from "#gen/mizan/core/v1/withdrawal_service_pb.ts";
import { toMoney } from "../domain/credit-money.ts";
import type { Attempt, Withdrawal } from "../domain/withdrawal.ts";
import { takingTransferId } from "../domain/withdrawal-ids.ts";

/** A withdrawal as the wire shows it. */
export function toMessage(one: Withdrawal): MessageInitShape<typeof WithdrawalSchema> {
  const { id, merchantId, amount, fee, bankAccount, state, reason, bankReference, version } = one;
  const wasTaken = state === "SUCCEEDED" || state === "RETURNED";
  return {
    id,
    merchantId,
    state: Withdrawal_State[state],
    amount: toMoney(amount),
    ...(fee > 0n && { fee: toMoney(fee) }),
    bankAccount,
    reason,
    bankReference,
    transferId: wasTaken ? takingTransferId(id) : "",
    attempts: one.attempts.map(toAttempt),
    version,
    createTime: timestampFromMs(one.createdAtMs),
    updateTime: timestampFromMs(one.updatedAtMs),
  };
}

function toAttempt(attempt: Attempt): MessageInitShape<typeof WithdrawalAttemptSchema> {
  const { number, provider, state, code, createdAtMs } = attempt;
  return { number, provider, state, code, createTime: timestampFromMs(createdAtMs) };
}

/** The bytes of the answer to the request of a withdrawal. */
export function answerOf(one: Withdrawal): Uint8Array {
  const schema = CreateWithdrawalResponseSchema;
  return toBinary(schema, create(schema, { withdrawal: toMessage(one) }));
}
