import type { FoldRows } from "./rows.ts";
import { expiryOf } from "../timeout.ts";
import { copy, createWides, grownWides, type Wides } from "./wide.ts";

/**
 * The pending transfers of a fold that nothing has resolved so far, in columns. Place 0 stands for
 * none: nothing is held there.
 */
export type FoldPendings = {
  /** Where a pending transfer is, by its time in microseconds since 1970. */
  readonly places: Map<number, number>;
  /** Places that are free again. */
  readonly free: number[];
  seq: Float64Array;
  debitSlot: Float64Array;
  creditSlot: Float64Array;
  ledger: Float64Array;
  flags: Float64Array;
  /** When it expires, in microseconds since 1970; 0 is never. */
  expiresAtUs: Float64Array;
  amount: Wides;
};

/** The place of no pending transfer. */
export const NO_PENDING = 0;

/** Nothing is pending. */
export function createFoldPendings(): FoldPendings {
  const size = 1024;
  const amount = createWides(size);
  return { places: new Map(), free: [], ...columnsOf(size), amount };
}

/** Adds the pending transfer of a row. */
export function openPending(pendings: FoldPendings, rows: FoldRows, at: number): void {
  const { places, free } = pendings;
  const atUs = rows.atUs[at]!;
  const place = free.pop() ?? places.size + 1; // all places up to the last are in use
  if (place >= pendings.seq.length) grow(pendings);
  places.set(atUs, place);
  pendings.seq[place] = rows.seq[at]!;
  pendings.debitSlot[place] = rows.debit.slot[at]!;
  pendings.creditSlot[place] = rows.credit.slot[at]!;
  pendings.ledger[place] = rows.ledger[at]!;
  pendings.flags[place] = rows.flags[at]!;
  pendings.expiresAtUs[place] = expiryOf(atUs, rows.timeoutSeconds[at]!);
  copy(pendings.amount, place, rows.amount, at);
}

/** Takes an open pending transfer out, once (TRF-3); NO_PENDING when none of that time is open. */
export function closePending({ places, free }: FoldPendings, atUs: number): number {
  const place = places.get(atUs);
  if (place === undefined) return NO_PENDING;
  places.delete(atUs);
  free.push(place); // nothing is opened before the caller has read what was there
  return place;
}

function grow(pendings: FoldPendings): void {
  const { seq, debitSlot, creditSlot, ledger, flags, expiresAtUs } = pendings;
  const larger = columnsOf(seq.length * 2);
  larger.seq.set(seq);
  larger.debitSlot.set(debitSlot);
  larger.creditSlot.set(creditSlot);
  larger.ledger.set(ledger);
  larger.flags.set(flags);
  larger.expiresAtUs.set(expiresAtUs);
  Object.assign(pendings, larger, { amount: grownWides(pendings.amount, seq.length * 2) });
}

function columnsOf(size: number) {
  return {
    seq: new Float64Array(size),
    debitSlot: new Float64Array(size),
    creditSlot: new Float64Array(size),
    ledger: new Float64Array(size),
    flags: new Float64Array(size),
    expiresAtUs: new Float64Array(size),
  };
}
