import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import {
  type Hold,
  Hold_Purpose,
  type HoldCapture,
  type HoldRefund,
  type HoldRelease,
  type HoldResultSchema,
  HoldState,
  type RefundResultSchema,
} from "#gen/mizan/billing/v1/hold_pb.ts";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";
import type { Assets } from "../domain/asset.ts";
import type { Purpose, HoldState as State } from "../domain/hold.ts";
import type { EndedHold } from "../operations/end-holds.ts";
import type { HoldOutcome } from "../operations/hold-outcome.ts";
import type { Hold as NewHold } from "../operations/read-hold.ts";
import type { Refund, RefundOutcome } from "../operations/refund-holds.ts";
import { fromText, toMoney } from "./messages.ts";

/** Reads a hold to make. */
export function fromHold(hold: Hold): NewHold {
  const { holdId, ownerId, purpose, amount, reference, expireTime, fee } = hold;
  return {
    holdId: holdId.toLowerCase(),
    ownerId: ownerId.toLowerCase(),
    ...fromPurpose(purpose),
    asset: amount!.asset,
    amount: amount!.amount,
    reference: fromText(reference),
    ...(expireTime && { expiresAtUs: fromTime(expireTime) }),
    ...(fee && { fee }),
    chain: hold.chain,
    wallet: hold.wallet,
    step: hold.step,
  };
}

/** Reads a hold to capture. */
export function fromCapture(capture: HoldCapture): EndedHold {
  const { baseAmount, fee, bank } = capture;
  return { ...fromEnded(capture), ...(baseAmount && { baseAmount }), ...(fee && { fee }), bank };
}

/** Reads a hold to release. */
export function fromRelease(release: HoldRelease): EndedHold {
  return { ...fromEnded(release), step: release.step };
}

function fromEnded({ holdId, purpose, amount }: HoldCapture | HoldRelease): EndedHold {
  return { holdId: holdId.toLowerCase(), ...fromPurpose(purpose), ...(amount && { amount }) };
}

function fromPurpose(purpose: Hold_Purpose): { readonly purpose?: Purpose } {
  const own = purposes.get(purpose);
  return own === undefined ? {} : { purpose: own };
}

/** The purposes by their numbers. */
export const purposes: ReadonlyMap<Hold_Purpose, Purpose> = new Map([
  [Hold_Purpose.SMS, "SMS"],
  [Hold_Purpose.ORDER, "ORDER"],
  [Hold_Purpose.PURCHASE, "PURCHASE"],
  [Hold_Purpose.MERCHANT_WITHDRAWAL, "MERCHANT_WITHDRAWAL"],
  [Hold_Purpose.CHAIN_WITHDRAWAL, "CHAIN_WITHDRAWAL"],
]);

/** Reads a refund to make. */
export function fromRefund(refund: HoldRefund): Refund {
  const { refundId, holdId, amount, reference, purpose, bank } = refund;
  return {
    refundId: refundId.toLowerCase(),
    holdId: holdId.toLowerCase(),
    ...fromPurpose(purpose),
    asset: amount!.asset,
    amount: amount!.amount,
    bank,
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
export function toHoldResult(assets: Assets, { holdId, error, state, ...rest }: HoldOutcome) {
  const { captured, isRepeat: doneBefore = false } = rest;
  const [info] = error?.findDetails(ErrorInfoSchema) ?? [];
  const result = {
    holdId,
    state: states[state],
    doneBefore,
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
