import { emitTrade } from "./emit.ts";
import { endSibling } from "./end-order.ts";
import * as eventWords from "./event-words.ts";
import * as extraWords from "./extras.ts";
import * as factWords from "./facts.ts";
import * as levelWords from "./levels.ts";
import { forgetOrder } from "./list-order.ts";
import type { Market } from "./market.ts";
import * as orderWords from "./orders.ts";
import { lotsWithin } from "./quote-lots.ts";
import type { Shard } from "./shard.ts";
import { triggersStops, triggerStops } from "./stops.ts";

const { LEVEL_LOTS } = levelWords;
const { LOTS, PRICE: EVENT_PRICE } = eventWords;
const { SHOWN, VISIBLE } = extraWords;
const { FILLED_LOTS, FILLED_UNITS, PRICE, REMAINING, TAKER_LOTS, TAKER_UNITS, TERMS } = factWords;
const { BY_AMOUNT, EXTRA, ICEBERG, LEVEL } = orderWords;

/** A fill at the maker's price (BOOK-1); then the stops that it triggers get ready (BOOK-4). */
export function trade(shard: Shard, market: Market, taker: number, maker: number): void {
  endSibling(shard, market, taker);
  endSibling(shard, market, maker);
  const { words, reals } = shard.orders;
  const price = words[maker + PRICE]!;
  const lots = tradedLots(shard, market, taker, maker);
  const units = lots * price;
  const took = taker >> 1;
  reals[took + REMAINING]! -= lots;
  reals[took + FILLED_LOTS]! += lots;
  reals[took + FILLED_UNITS]! += units;
  reals[took + TAKER_LOTS]! += lots;
  reals[took + TAKER_UNITS]! += units;
  const made = maker >> 1;
  const remaining = reals[made + REMAINING]! - lots;
  reals[made + REMAINING] = remaining;
  reals[made + FILLED_LOTS]! += lots;
  reals[made + FILLED_UNITS]! += units;
  shard.levels.reals[(words[maker + LEVEL]! >> 1) + LEVEL_LOTS]! -= lots;
  market.tradeId++;
  market.last = price;
  market.average.add(shard.second, price, lots);
  const at = emitTrade(shard, market, taker, maker);
  shard.events.words[at + EVENT_PRICE] = price;
  shard.events.reals[(at >> 1) + LOTS] = lots;
  if ((words[maker + TERMS]! & ICEBERG) !== 0) showNext(shard, market, maker, lots);
  if (remaining === 0) forgetOrder(shard, market, maker);
  if (triggersStops(market, price)) triggerStops(shard, market, price);
}

/** The most that two orders can trade at the maker's price. */
export function tradedLots(shard: Shard, market: Market, taker: number, maker: number): number {
  const { words, reals } = shard.orders;
  const lots = Math.min(reals[(taker >> 1) + REMAINING]!, shownLots(shard, maker));
  if ((words[taker + TERMS]! & BY_AMOUNT) === 0) return lots;
  return lotsWithin(shard, market, taker, { price: words[maker + PRICE]!, lots });
}

/** What shows of an order in the book. */
export function shownLots(shard: Shard, order: number): number {
  const { words, reals } = shard.orders;
  if ((words[order + TERMS]! & ICEBERG) === 0) return reals[(order >> 1) + REMAINING]!;
  return shard.extras.reals[(words[order + EXTRA]! >> 1) + SHOWN]!;
}

/** Shows of an iceberg what it may; for one that enters the book, or whose part is used up. */
export function showPart(shard: Shard, order: number): void {
  const extra = shard.orders.words[order + EXTRA]! >> 1;
  const { reals } = shard.extras;
  const remaining = shard.orders.reals[(order >> 1) + REMAINING]!;
  reals[extra + SHOWN] = Math.min(reals[extra + VISIBLE]!, remaining);
}

/** Takes what was traded off the part that shows; the next part stands behind all others. */
function showNext(shard: Shard, market: Market, maker: number, lots: number): void {
  const { words, reals } = shard.orders;
  const extra = words[maker + EXTRA]! >> 1;
  shard.extras.reals[extra + SHOWN]! -= lots;
  if (shard.extras.reals[extra + SHOWN] !== 0 || reals[(maker >> 1) + REMAINING] === 0) return;
  const side = market.sideOf(words[maker + TERMS]!);
  side.remove(maker);
  showPart(shard, maker);
  side.append(maker, words[maker + PRICE]!);
}
