import type { BookSide } from "./book-side.ts";
import * as extraWords from "./extras.ts";
import * as factWords from "./facts.ts";
import * as levelWords from "./levels.ts";
import { countStop } from "./list-order.ts";
import type { Market } from "./market.ts";
import * as orderWords from "./orders.ts";
import type { Shard } from "./shard.ts";
import { triggersUp } from "./terms.ts";

const { HEAD } = levelWords;
const { STOP_PRICE } = extraWords;
const { TERMS } = factWords;
const { EXTRA, NEXT, PLACE_MASK, PREVIOUS, READY, WAITING } = orderWords;

/** Lets a listed order wait for its stop price, behind those that came before it. */
export function waitForStop(shard: Shard, market: Market, order: number): void {
  const { words } = shard.orders;
  const stopPrice = shard.extras.words[words[order + EXTRA]! + STOP_PRICE]!;
  const side = triggersUp(words[order + TERMS]!) ? market.rising : market.falling;
  side.append(order, stopPrice);
  words[order + TERMS]! |= WAITING;
  countStop(shard, order, 1);
}

/** Whether a trade at a price triggers a waiting stop. */
export function triggersStops(market: Market, price: number): boolean {
  return market.rising.isMetBy(price) || market.falling.isMetBy(price);
}

/**
 * Moves the stops that a trade triggers to the ready queue: those that waited for a rise from the
 * lowest stop price up, then those that waited for a fall from the highest down (BOOK-4).
 */
export function triggerStops(shard: Shard, market: Market, price: number): void {
  while (market.rising.isMetBy(price)) makeReady(shard, market, market.rising);
  while (market.falling.isMetBy(price)) makeReady(shard, market, market.falling);
}

/** Moves the first of a side's stops. */
function makeReady(shard: Shard, market: Market, side: BookSide): void {
  const order = shard.levels.words[side.best + HEAD]!;
  side.remove(order);
  const { words } = shard.orders;
  words[order + TERMS] = (words[order + TERMS]! & ~PLACE_MASK) | READY;
  words[order + NEXT] = 0;
  words[order + PREVIOUS] = market.readyTail;
  if (market.readyTail === 0) market.readyHead = order;
  else words[market.readyTail + NEXT] = order;
  market.readyTail = order;
}
