import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import * as wire from "#gen/mizan/settlement/v1/payout_pb.ts";
import { fromMinor } from "#mesh/money.ts";
import { currency } from "../domain/currency.ts";
import { maskAccount } from "../domain/mask-account.ts";
import type { Attempt, Payout } from "../domain/payout.ts";

/** A payout as others are told of it: the number of the bank account but for its end. */
export function toPayout(payout: Payout): wire.Payout {
  const { asset, amountMinor, bankAccount, state, stage, attempts } = payout;
  const { id, merchantId, accountId, reason, provider, bankReference, version } = payout;
  return create(wire.PayoutSchema, {
    id,
    merchantId,
    accountId,
    amount: { asset, amount: fromMinor(amountMinor, currency.scale) },
    bankAccount: maskAccount(bankAccount),
    state: wire.Payout_State[state],
    stage: stage === undefined ? wire.Payout_Stage.UNSPECIFIED : wire.Payout_Stage[stage],
    reason,
    provider,
    bankReference,
    attempts: attempts.map(toAttempt),
    isContradicted: payout.isContradicted,
    version,
    createTime: timestampFromMs(payout.createdAtMs),
    updateTime: timestampFromMs(payout.updatedAtMs),
  });
}

function toAttempt({ no, provider, ourRef, state, ...rest }: Attempt) {
  return {
    number: no,
    provider,
    ourReference: ourRef,
    state: wire.PayoutAttempt_State[state],
    providerReference: rest.providerRef,
    code: rest.code,
    text: rest.text,
    createTime: timestampFromMs(rest.createdAtMs),
    updateTime: timestampFromMs(rest.updatedAtMs),
  };
}
