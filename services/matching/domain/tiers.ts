import { strict as assert } from "node:assert";
import type { Archive } from "./archive.ts";
import type { Fee } from "./command.ts";
import type { FeeRates } from "./money.ts";

/** The fee tiers by number. They never change, since orders keep theirs (FUND-6). */
export class Tiers {
  readonly #rates: FeeRates[] = [];
  readonly #numbers = new Map<string, number>();

  get count(): number {
    return this.#rates.length;
  }

  /** Makes a tier known, which has the next number. */
  add(tier: number, rates: FeeRates): void {
    assert(tier === this.count + 1 && tier <= MAX_TIER, "tiers are numbered in order");
    this.#rates.push(rates);
    this.#numbers.set(textOf(rates), tier);
  }

  /** What a tier asks. */
  get(tier: number): FeeRates | undefined {
    return this.#rates[tier - 1];
  }

  /** The number of the tier that asks this. */
  find(rates: FeeRates): number | undefined {
    return this.#numbers.get(textOf(rates));
  }

  /** Calls back with each tier, from 1 on. */
  forEach(read: (rates: FeeRates) => void): void {
    for (const rates of this.#rates) read(rates);
  }

  /** Stores or restores all tiers. */
  archive(archive: Archive): void {
    const count = archive.number(this.count);
    for (let tier = 1; tier <= count; tier++) {
      const { maker, taker } = this.get(tier) ?? NO_RATES;
      const rates = { maker: archiveFee(maker, archive), taker: archiveFee(taker, archive) };
      if (tier > this.count) this.add(tier, rates);
    }
  }
}

function archiveFee({ ppm, perLot }: Fee, archive: Archive): Fee {
  return { ppm: archive.number(ppm), perLot: archive.number(perLot) };
}

function textOf({ maker, taker }: FeeRates): string {
  return [maker.ppm, maker.perLot, taker.ppm, taker.perLot].join();
}

const NO_FEE: Fee = { ppm: 0, perLot: 0 };
const NO_RATES: FeeRates = { maker: NO_FEE, taker: NO_FEE };

/** Orders have their tier in 16 bits. */
const MAX_TIER = 0xffff;
