import type { Level } from "./market-texts.ts";

/** What has changed of a book between two of its events: sizes as they are then (FEED-1). */
export type Delta = {
  readonly first: number;
  readonly last: number;
  /** From the best price on. */
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly checksum: number;
  readonly atMs: number;
};

/** One delta for some that follow one another: of each price the latest size. */
export function joinDeltas(deltas: readonly Delta[]): Delta {
  const [first, last] = [deltas[0]!, deltas.at(-1)!];
  if (first === last) return first;
  const latest = (levels: (delta: Delta) => readonly Level[]) => {
    const byPrice = new Map<number, Level>();
    for (const delta of deltas) for (const level of levels(delta)) byPrice.set(level.price, level);
    return [...byPrice.values()];
  };
  return {
    ...last,
    first: first.first,
    bids: latest(({ bids }) => bids).toSorted((one, other) => other.price - one.price),
    asks: latest(({ asks }) => asks).toSorted((one, other) => one.price - other.price),
  };
}

/** How many levels a delta tells. */
export function levelsOf({ bids, asks }: Delta): number {
  return bids.length + asks.length;
}
