/** Numbers that look random and are the same for the same seed. */
export type Random = {
  /** From 0 to under the bound, which is at most 2^32. */
  readonly int: (bound: number) => number;
  /** From 0 to under 1, in steps of 2^-32. */
  readonly unit: () => number;
};

/** Makes a source of numbers from any 32-bit seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { int: (bound) => Math.floor(next() * bound), unit: next };
}
