/**
 * A column of amounts as plain numbers, since it is the bigints that would cost most in adding up
 * millions of them: an amount has three parts of 13 decimal digits each. The lower two are never
 * negative, so that each amount has one form; the upper one carries the sign. All numbers stay far
 * below 2^53, for any amounts that a numeric(39, 0) can hold.
 */
export type Wides = {
  readonly low: Float64Array;
  readonly mid: Float64Array;
  readonly high: Float64Array;
};

/** Makes a column of zeros. */
export function createWides(length: number): Wides {
  return {
    low: new Float64Array(length),
    mid: new Float64Array(length),
    high: new Float64Array(length),
  };
}

/** Makes a longer column that begins as the given one. */
export function grownWides({ low, mid, high }: Wides, length: number): Wides {
  const grown = createWides(length);
  grown.low.set(low);
  grown.mid.set(mid);
  grown.high.set(high);
  return grown;
}

/** Adds an amount of one column to an amount of another. */
export function add(to: Wides, at: number, from: Wides, place: number): void {
  to.low[at]! += from.low[place]!;
  to.mid[at]! += from.mid[place]!;
  to.high[at]! += from.high[place]!;
  settle(to, at);
}

/** Takes an amount of one column from an amount of another. */
export function subtract(to: Wides, at: number, from: Wides, place: number): void {
  to.low[at]! -= from.low[place]!;
  to.mid[at]! -= from.mid[place]!;
  to.high[at]! -= from.high[place]!;
  settle(to, at);
}

/** Copies an amount. */
export function copy(to: Wides, at: number, from: Wides, place: number): void {
  to.low[at] = from.low[place]!;
  to.mid[at] = from.mid[place]!;
  to.high[at] = from.high[place]!;
}

/** Whether two amounts are the same. */
export function isSame(one: Wides, at: number, other: Wides, place: number): boolean {
  return (
    one.low[at] === other.low[place] &&
    one.mid[at] === other.mid[place] &&
    one.high[at] === other.high[place]
  );
}

/** Whether an amount is more than another. */
export function isMore(one: Wides, at: number, other: Wides, place: number): boolean {
  if (one.high[at] !== other.high[place]) return one.high[at]! > other.high[place]!;
  if (one.mid[at] !== other.mid[place]) return one.mid[at]! > other.mid[place]!;
  return one.low[at]! > other.low[place]!;
}

/** An amount as a bigint; undefined for what PostgreSQL holds that is no number. */
export function valueOf({ low, mid, high }: Wides, at: number): bigint | undefined {
  if (Number.isNaN(low[at])) return undefined;
  return (BigInt(high[at]!) * PART + BigInt(mid[at]!)) * PART + BigInt(low[at]!);
}

/** Writes an amount. */
export function setValue({ low, mid, high }: Wides, at: number, value: bigint): void {
  const [upper, lowest] = divide(value);
  const [highest, middle] = divide(upper);
  low[at] = Number(lowest);
  mid[at] = Number(middle);
  high[at] = Number(highest);
}

/** Divides by the size of a part; what is left over is never negative. */
function divide(value: bigint): [bigint, bigint] {
  const rest = ((value % PART) + PART) % PART;
  return [(value - rest) / PART, rest];
}

/** Carries what a part has too much or lacks to the next one. */
function settle({ low, mid, high }: Wides, at: number): void {
  const lowCarry = carryOf(low[at]!);
  low[at]! -= lowCarry * PART_SIZE;
  const middle = mid[at]! + lowCarry;
  const midCarry = carryOf(middle);
  mid[at] = middle - midCarry * PART_SIZE;
  high[at]! += midCarry;
}

function carryOf(part: number): number {
  if (part >= PART_SIZE) return 1;
  return part < 0 ? -1 : 0;
}

/** The size of a part, for those who write amounts part by part. */
export const PART_SIZE = 1e13;
const PART = 10n ** 13n;
