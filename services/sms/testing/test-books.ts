import type { Hold, HoldCapture, HoldRefund, HoldRelease } from "#gen/mizan/billing/v1/hold_pb.ts";
import type { Money } from "#gen/mizan/type/v1/money_pb.ts";
import { toMinor } from "#mesh/money.ts";
import type { Currency } from "../events.ts";

/** Money and holds of some owners; amounts in minor units. */
export type TestBooks = Currency & {
  readonly balances: Map<string, bigint>;
  readonly holds: Map<string, TestHold>;
  readonly refunds: Map<string, { readonly holdId: string; readonly amount: bigint }>;
  /** Ids of holds that were refused: a refusal is for good (TRF-8). */
  readonly burned: Map<string, string>;
};

/** A hold as the ledger has it; amounts in minor units. */
export type TestHold = {
  readonly ownerId: string;
  readonly amount: bigint;
  readonly reference: string;
  readonly expireMs: number | undefined;
  state: "held" | "captured" | "released" | "expired";
  captured: bigint;
  refunded: bigint;
};

/** Books without an entry. */
export function testBooks({ asset, scale }: Currency): TestBooks {
  const empty = { balances: new Map(), holds: new Map(), refunds: new Map(), burned: new Map() };
  return { asset, scale, ...empty };
}

/** What an owner can spend. */
export function availableOf({ balances }: TestBooks, ownerId: string): bigint {
  return balances.get(ownerId) ?? 0n;
}

/** Puts money on an account, or takes it; opens the account. */
export function move(books: TestBooks, ownerId: string, by: bigint): void {
  books.balances.set(ownerId, availableOf(books, ownerId) + by);
}

/** Reserves money; the reason when it is refused. */
export function reserve(books: TestBooks, hold: Hold): string | undefined {
  const { holdId, ownerId, reference, expireTime } = hold;
  const { holds, burned, balances } = books;
  const amount = minorOf(books, hold.amount);
  if (amount === undefined) return "ASSET_NOT_ACCEPTED";
  if (amount === 0n) return "INVALID_AMOUNT";
  const made = holds.get(holdId);
  if (made !== undefined) {
    const isSame = made.ownerId === ownerId && made.amount === amount;
    return isSame ? undefined : "HOLD_ID_REUSED";
  }
  if (burned.has(holdId)) return burned.get(holdId);
  const expireMs = expireTime && Number(expireTime.seconds) * 1000 + expireTime.nanos / 1e6;
  if (expireMs !== undefined && expireMs <= Date.now()) return "EXPIRE_TIME_OUT_OF_RANGE";
  const refusal = balances.has(ownerId) ? "INSUFFICIENT_FUNDS" : "OWNER_NOT_FOUND";
  if (availableOf(books, ownerId) < amount) {
    burned.set(holdId, refusal);
    return refusal;
  }
  move(books, ownerId, -amount);
  const fresh = { state: "held" as const, captured: 0n, refunded: 0n };
  holds.set(holdId, { ownerId, amount, reference, expireMs, ...fresh });
  return undefined;
}

/** Takes reserved money; the reason when it is refused. */
export function capture(books: TestBooks, { holdId, amount }: HoldCapture): string | undefined {
  const hold = books.holds.get(holdId);
  if (hold === undefined) return "HOLD_NOT_FOUND";
  const taken = amount === undefined ? hold.amount : minorOf(books, amount);
  if (taken === undefined) return "ASSET_NOT_ACCEPTED";
  if (hold.state === "captured" && hold.captured === taken) return undefined;
  if (hold.state !== "held") return ended[hold.state];
  if (taken > hold.amount) return "HOLD_EXCEEDED";
  hold.state = "captured";
  hold.captured = taken;
  move(books, hold.ownerId, hold.amount - taken);
  return undefined;
}

/** Frees reserved money; the reason when it is refused. */
export function release(books: TestBooks, { holdId, amount }: HoldRelease): string | undefined {
  const hold = books.holds.get(holdId);
  if (hold === undefined) return "HOLD_NOT_FOUND";
  if (amount !== undefined && minorOf(books, amount) !== hold.amount) return "HOLD_AMOUNT_DIFFERS";
  if (hold.state === "released") return undefined;
  if (hold.state !== "held") return ended[hold.state];
  endFree(books, hold, "released");
  return undefined;
}

/** Frees what a hold has, for whatever cause. */
export function endFree(books: TestBooks, hold: TestHold, state: "released" | "expired"): void {
  hold.state = state;
  move(books, hold.ownerId, hold.amount);
}

/** Gives captured money back; the reason when it is refused. */
export function refund(books: TestBooks, { refundId, holdId, amount }: HoldRefund) {
  const { holds, refunds } = books;
  const wanted = minorOf(books, amount);
  if (wanted === undefined) return "ASSET_NOT_ACCEPTED";
  if (wanted === 0n) return "INVALID_AMOUNT";
  const made = refunds.get(refundId);
  if (made !== undefined) {
    return made.holdId === holdId && made.amount === wanted ? undefined : "REFUND_ID_REUSED";
  }
  const hold = holds.get(holdId);
  if (hold === undefined) return "HOLD_NOT_FOUND";
  if (hold.state !== "captured") return "HOLD_NOT_CAPTURED";
  if (hold.refunded + wanted > hold.captured) return "REFUND_EXCEEDED";
  refunds.set(refundId, { holdId, amount: wanted });
  hold.refunded += wanted;
  move(books, hold.ownerId, wanted);
  return undefined;
}

function minorOf({ asset, scale }: TestBooks, money: Money | undefined): bigint | undefined {
  return money?.asset === asset ? toMinor(money.amount, scale) : undefined;
}

const ended = {
  captured: "HOLD_ALREADY_CAPTURED",
  released: "HOLD_ALREADY_RELEASED",
  expired: "HOLD_EXPIRED",
};
