import { SIDES } from "./codes.ts";
import type { Side } from "./command.ts";
import { QUOTE } from "./extras.ts";
import { FILLED_LOTS, FILLED_UNITS, TAKER_LOTS, TAKER_UNITS, TERMS, TIER } from "./facts.ts";
import type { Market } from "./market.ts";
import { addFill, type FeeRates, type Fills, usedMinor } from "./money.ts";
import { EXTRA } from "./orders.ts";
import { QUOTE_SCALE } from "./rules.ts";
import type { Shard } from "./shard.ts";
import { sideOf } from "./terms.ts";
import { readAmount } from "./words.ts";

/** The most lots, up to a number, that an order by amount can trade at a price (section 2). */
export function lotsWithin(
  shard: Shard,
  market: Market,
  taker: number,
  fill: { readonly price: number; readonly lots: number },
): number {
  const { words } = shard.orders;
  const amount = {
    minor: readAmount(shard.extras.words, words[taker + EXTRA]! + QUOTE),
    side: SIDES[sideOf(words[taker + TERMS]!)]!,
    fills: fillsOf(shard, taker),
    rates: shard.tiers.get(words[taker + TIER]! & 0xffff)!,
    quoteScale: BigInt(market.rules[QUOTE_SCALE]!),
  };
  let [fits, limit] = [0, fill.lots];
  for (let lots = limit; fits < limit; lots = fits + Math.ceil((limit - fits) / 2)) {
    if (isWithin(amount, fill.price, lots)) fits = lots;
    else limit = lots - 1;
  }
  return fits;
}

/** What an order may spend or earn, and what it has done. */
type Amount = {
  readonly minor: bigint;
  readonly side: Side;
  readonly fills: Fills;
  readonly rates: FeeRates;
  readonly quoteScale: bigint;
};

/** Whether cost and fee of a buy, or the proceeds of a sell, stay within the amount. */
function isWithin(amount: Amount, price: number, lots: number): boolean {
  const { quoteScale, rates } = amount;
  const fills = addFill(amount.fills, { lots, price, isTaker: true });
  if (amount.side === "SELL") return BigInt(fills.filledUnits) * quoteScale <= amount.minor;
  return usedMinor({ ...fills, side: "BUY" }, rates, { baseScale: 0n, quoteScale }) <= amount.minor;
}

/** What an order has done. */
export function fillsOf({ orders }: Shard, order: number): Fills {
  const at = order >> 1;
  return {
    filledLots: orders.reals[at + FILLED_LOTS]!,
    filledUnits: orders.reals[at + FILLED_UNITS]!,
    takerLots: orders.reals[at + TAKER_LOTS]!,
    takerUnits: orders.reals[at + TAKER_UNITS]!,
  };
}
