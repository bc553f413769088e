import type { Fold } from "./state.ts";

/** The place of the version beside those of the four counters: see counterOf. */
export const VERSION = 4;

/** How far something stored of an account is known to be off: found less expected. */
export function knownDifference({ differences }: Fold, slot: number, place: number) {
  const known = differences.get(slot);
  return known === undefined ? 0n : known[place];
}

/**
 * Notes how far something stored of an account is off, undefined for what is no number; whether
 * that has to be told. A difference that goes on is told once, where it begins.
 */
export function noteDifference(
  { differences }: Fold,
  slot: number,
  place: number,
  difference: bigint | undefined,
): boolean {
  const known = differences.get(slot) ?? none;
  if (known[place] === difference) return false;
  const now = known.with(place, difference);
  if (now.every((one) => one === 0n)) differences.delete(slot);
  else differences.set(slot, now);
  return difference !== 0n;
}

/** The first transfer up to a number that is missing since an account was touched last, if any. */
export function findGap({ gaps, book }: Fold, slot: number, seq: number): number | undefined {
  return gaps.find((gap) => gap > book.lastSeq[slot]! && gap <= seq);
}

const none: readonly (bigint | undefined)[] = [0n, 0n, 0n, 0n, 0n];
