import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import {
  type Hold,
  type HoldCapture,
  type HoldRefund,
  type HoldRelease,
  type HoldResultSchema,
  HoldState,
  type RefundResultSchema,
} from "#gen/mizan/billing/v1/hold_pb.ts";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";
import type { Assets } from "../domain/asset.ts";
import type { HoldState as State } from "../domain/hold.ts";
import type { Hold as NewHold } from "../operations/create-holds.ts";
import type { EndedHold } from "../operations/end-holds.ts";
import type { HoldOutcome } from "../operations/hold-outcome.ts";
import type { Refund, RefundOutcome } from "../operations/refund-holds.ts";
import { fromText, toMoney } from "./messages.ts";

/** Reads a hold to make. */
export function fromHold({ holdId, ownerId, amount, reference, expireTime }: Hold): NewHold {
  return {
    holdId: holdId.toLowerCase(),
    ownerId: ownerId.toLowerCase(),
    asset: amount!.asset,
    amount: amount!.amount,
    reference: fromText(reference),
    ...(expireTime && { expiresAtUs: fromTime(expireTime) }),
  };
}

/** Reads a hold to capture or release. */
export function fromEndedHold({ holdId, amount }: HoldCapture | HoldRelease): EndedHold {
  return { holdId: holdId.toLowerCase(), ...(amount && { amount }) };
}

/** Reads a refund to make. */
export function fromRefund({ refundId, holdId, amount, reference }: HoldRefund): Refund {
  return {
    refundId: refundId.toLowerCase(),
    holdId: holdId.toLowerCase(),
    asset: amount!.asset,
    amount: amount!.amount,
    reference: fromText(reference),
  };
}

/** Writes what became of a refund. */
export function toRefundResult(assets: Assets, { refundId, error, refunded }: RefundOutcome) {
  const [info] = error?.findDetails(ErrorInfoSchema) ?? [];
  const result = {
    refundId,
    ...(info && { error: info }),
    ...(refunded && { refunded: toMoney(assets, refunded.ledger, refunded.amountMinor) }),
  };
  return result satisfies MessageInitShape<typeof RefundResultSchema>;
}

/** Writes what became of a hold. */
export function toHoldResult(assets: Assets, { holdId, error, state, captured }: HoldOutcome) {
  const [info] = error?.findDetails(ErrorInfoSchema) ?? [];
  const result = {
    holdId,
    state: states[state],
    ...(info && { error: info }),
    ...(captured && { captured: toMoney(assets, captured.ledger, captured.amountMinor) }),
  };
  return result satisfies MessageInitShape<typeof HoldResultSchema>;
}

const states: Readonly<Record<State, HoldState>> = {
  unknown: HoldState.UNSPECIFIED,
  held: HoldState.HELD,
  captured: HoldState.CAPTURED,
  released: HoldState.RELEASED,
  expired: HoldState.EXPIRED,
};

/** Microseconds since 1970, rounded up. */
function fromTime({ seconds, nanos }: Timestamp): number {
  return Number(seconds) * 1_000_000 + Math.ceil(nanos / 1000);
}
