import type { Archive } from "./archive.ts";

/**
 * What was traded in a market in each of the last seconds. Sums may be larger than a double is exact,
 * so each is kept as two: the part above 2^32 and the rest.
 */
export class Average {
  /** For each second: its number, then units high and low, then lots high and low. */
  readonly sums: Float64Array<ArrayBuffer> = new Float64Array(SECONDS * BUCKET);

  /** Counts a trade, whose price times lots is at most 2^53 - 1. */
  add(second: number, price: number, lots: number): void {
    const { sums } = this;
    const at = (second % SECONDS) * BUCKET;
    if (sums[at] !== second) {
      sums.fill(0, at, at + BUCKET);
      sums[at] = second;
    }
    const units = price * lots;
    const unitsHigh = Math.floor(units * PER_HIGH);
    const unitsLow = sums[at + 2]! + (units - unitsHigh * HIGH);
    const unitsCarry = unitsLow >= HIGH ? 1 : 0;
    sums[at + 1]! += unitsHigh + unitsCarry;
    sums[at + 2] = unitsLow - unitsCarry * HIGH;
    const lotsHigh = Math.floor(lots * PER_HIGH);
    const lotsLow = sums[at + 4]! + (lots - lotsHigh * HIGH);
    const lotsCarry = lotsLow >= HIGH ? 1 : 0;
    sums[at + 3]! += lotsHigh + lotsCarry;
    sums[at + 4] = lotsLow - lotsCarry * HIGH;
  }

  /** Stores or restores the sums. */
  archive(archive: Archive): void {
    const words = new Int32Array(this.sums.buffer);
    this.sums.set(new Float64Array(archive.words(words, words.length).buffer));
  }

  /**
   * The average price by volume of the 300 full seconds before a second, in ticks, rounded down; 0
   * without trades.
   */
  before(second: number): number {
    const { sums } = this;
    const totals = [0, 0, 0, 0, 0];
    for (let at = 0; at < sums.length; at += BUCKET) {
      if (sums[at]! >= second || sums[at]! < second - WINDOW_SECONDS) continue;
      for (let sum = 1; sum < BUCKET; sum++) totals[sum]! += sums[at + sum]!;
    }
    const [, unitsHigh, unitsLow, lotsHigh, lotsLow] = totals.map(BigInt);
    const lots = (lotsHigh! << 32n) + lotsLow!;
    return lots === 0n ? 0 : Number(((unitsHigh! << 32n) + unitsLow!) / lots);
  }
}

const WINDOW_SECONDS = 300;
/** The window and the second that runs. */
const SECONDS = WINDOW_SECONDS + 1;
const BUCKET = 5;
const HIGH = 2 ** 32;
const PER_HIGH = 2 ** -32;
