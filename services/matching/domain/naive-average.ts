import type { NaiveMarket } from "./naive-state.ts";

/** Whole ticks from `low` to `high`, both included. */
export type Range = { readonly low: number; readonly high: number };

/**
 * The average price of section 7, in whole ticks: by volume over the trades of the last 300 full
 * seconds, else the last price, else the listing price. It is the same for all of a second.
 */
export function referenceAt(market: NaiveMarket, atMs: number): number {
  const second = Math.floor(atMs / 1000);
  if (second !== market.referenceSecond) refreshReference(market, atMs);
  return market.reference;
}

/** Takes the average anew, as at the first command of a second and when the rules change. */
export function refreshReference(market: NaiveMarket, atMs: number): void {
  const second = Math.floor(atMs / 1000);
  while ((market.trades[0]?.second ?? second) < second - WINDOW_SECONDS) market.trades.shift();
  const trades = market.trades.filter((trade) => trade.second < second);
  const lots = trades.reduce((sum, trade) => sum + BigInt(trade.lots), 0n);
  const units = trades.reduce((sum, { price, lots: n }) => sum + BigInt(price) * BigInt(n), 0n);
  market.referenceSecond = second;
  market.reference = lots > 0n ? Number(units / lots) : market.last || market.rules.listingPrice;
}

/** The prices at which a fill is near enough to the reference (BOOK-6). */
export function bandAt(market: NaiveMarket, atMs: number): Range {
  const { priceBandPpm } = market.rules;
  return within(referenceAt(market, atMs), MILLION - priceBandPpm, MILLION + priceBandPpm);
}

/** The limit prices that the percent filter lets in. */
export function percentRangeAt(market: NaiveMarket, atMs: number): Range {
  const { percentLowPpm, percentHighPpm } = market.rules;
  return within(referenceAt(market, atMs), percentLowPpm, percentHighPpm);
}

function within(reference: number, lowPpm: number, highPpm: number): Range {
  const million = BigInt(MILLION);
  const low = (BigInt(reference) * BigInt(lowPpm) + million - 1n) / million;
  const high = (BigInt(reference) * BigInt(highPpm)) / million;
  return { low: Number(low), high: Number(high) };
}

const WINDOW_SECONDS = 300;
const MILLION = 1_000_000;
