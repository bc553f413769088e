/** A source of chance that says the same for the same seed. */
export type Random = {
  /** A whole number from 0 on, below the bound. */
  below(bound: number): number;
  /** One of the things. */
  pick<T>(things: readonly T[]): T;
  /** The things in another order. */
  shuffled<T>(things: readonly T[]): T[];
};

/** Makes a source of chance of 32 bits (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  return {
    below,
    pick: (things) => things[below(things.length)]!,
    shuffled: (things) =>
      things
        .map((thing) => ({ thing, place: next() }))
        .toSorted((one, other) => one.place - other.place)
        .map(({ thing }) => thing),
  };
}
