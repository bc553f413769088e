import type { MarketRules, NewOrder } from "./command.ts";
import { MAX_TICKS } from "./units.ts";

/** What the price and the quantity of an order that has no limit follow from. */
export type Unpriced = Pick<NewOrder, "side" | "type" | "quoteMinor" | "lots" | "stopPrice"> & {
  readonly rules: MarketRules;
  /** The average price of the market now, in ticks. */
  readonly reference: number;
};

/** The worst price that a MARKET order may trade at: reference × (1 ± priceBand), in ticks. */
export function protectivePrice({ side, rules, reference }: Unpriced): number {
  return side === "BUY" ? highOf(reference, rules) : lowOf(reference, rules);
}

/**
 * The most lots that an order by amount trades as long as the price stays in its band (section 2):
 * a sell holds them, of a buy they are a bound only, with room for the band to move.
 */
export function coveredLots({
  side,
  type,
  stopPrice,
  quoteMinor,
  rules,
  reference,
}: Unpriced): number {
  const from = type === "MARKET" ? reference : stopPrice;
  const low = BigInt(Math.max(1, lowOf(from, rules)));
  const scale = BigInt(rules.quoteScale);
  const isRoomy = side === "BUY" && rules.maxPositionLots === 0;
  const each = (isRoomy ? (low + 1n) / 2n : low) * scale;
  const lots = (quoteMinor + each - 1n) / each;
  const most = BigInt(rules.marketMaxLots);
  return Number(lots < most ? lots : most);
}

function lowOf(reference: number, { priceBandPpm }: MarketRules): number {
  const low =
    (BigInt(reference) * BigInt(Math.max(0, MILLION - priceBandPpm)) + LAST) / BigInt(MILLION);
  return Math.max(1, Number(low));
}

function highOf(reference: number, { priceBandPpm }: MarketRules): number {
  const high = (BigInt(reference) * BigInt(MILLION + priceBandPpm)) / BigInt(MILLION);
  return high < BigInt(MAX_TICKS) ? Number(high) : MAX_TICKS - 1;
}

const MILLION = 1_000_000;
const LAST = BigInt(MILLION - 1);
