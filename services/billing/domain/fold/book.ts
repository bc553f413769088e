import { createWides, grownWides, type Wides } from "./wide.ts";

/**
 * The accounts of a fold, by slot, in columns. Slot 0 is nobody's: it takes what is said of
 * accounts that are unknown.
 */
export type FoldBook = {
  /** How many slots there is room for. */
  size: number;
  /** The ledger of an account; 0 when there is no such account. */
  ledger: Int32Array;
  /** The limits of an account: its flags as it was opened with them. */
  limits: Int32Array;
  /** Whether a closing transfer has closed it, as 1 or 0 (ACC-8). */
  isClosed: Uint8Array;
  version: Float64Array;
  /** The number of the last transfer that touched it. */
  lastSeq: Float64Array;
  /** The four counters of a slot follow one another: see counterOf. */
  counters: Wides;
};

/** A side of a transfer, as the place of its counters among the four of an account. */
export const Sides = { DEBIT: 0, CREDIT: 2 } as const;

/** A side of a transfer. */
export type Side = (typeof Sides)[keyof typeof Sides];

/** Where the pending counter of a side of an account is; the posted one follows. */
export function counterOf(slot: number, side: Side): number {
  return slot * 4 + side;
}

/** Makes a book without accounts. */
export function createFoldBook(): FoldBook {
  return bookOf(1024);
}

/** Makes room for a slot. */
export function makeRoom(book: FoldBook, slot: number): void {
  if (slot < book.size) return;
  const larger = bookOf(Math.max(slot + 1, book.size * 2));
  larger.ledger.set(book.ledger);
  larger.limits.set(book.limits);
  larger.isClosed.set(book.isClosed);
  larger.version.set(book.version);
  larger.lastSeq.set(book.lastSeq);
  Object.assign(book, larger, { counters: grownWides(book.counters, larger.size * 4) });
}

/** Whether there is an account at a slot. */
export function hasAccount(book: FoldBook, slot: number): boolean {
  return slot > 0 && slot < book.size && book.ledger[slot] !== 0;
}

function bookOf(size: number): FoldBook {
  return {
    size,
    ledger: new Int32Array(size),
    limits: new Int32Array(size),
    isClosed: new Uint8Array(size),
    version: new Float64Array(size),
    lastSeq: new Float64Array(size),
    counters: createWides(size * 4),
  };
}
