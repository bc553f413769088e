import { strict as assert } from "node:assert";
import { type BookSide, NO_ASK, NO_BID } from "./book-side.ts";
import { isTriggered } from "./check-book.ts";
import { STOP_PRICE } from "./extras.ts";
import { PRICE, REMAINING, TERMS } from "./facts.ts";
import { HEAD, LEVEL_LOTS, LEVEL_ORDERS, LEVEL_PRICE, TAIL } from "./levels.ts";
import type { Market } from "./market.ts";
import { EXTRA, IN_BOOK, LEVEL, NEXT, PLACE_MASK, PREVIOUS, READY, WAITING } from "./orders.ts";
import type { Shard } from "./shard.ts";
import { SELL, sideOf, triggersUp } from "./terms.ts";
import { shownLots } from "./trade.ts";

/** Throws unless the book and the stops of a market agree with themselves; returns its orders. */
export function validateBook(
  shard: Shard,
  market: Market,
  used: { levels: number; nodes: number },
): number[] {
  const { bids, asks, rising, falling } = market;
  const isUncrossed = bids.best === 0 || asks.best === 0 || bids.bestPrice < asks.bestPrice;
  assert(isUncrossed, "bids are below asks");
  const orders: number[] = [];
  for (const side of [bids, asks, rising, falling]) {
    const place = side === bids || side === asks ? IN_BOOK : WAITING;
    for (const level of levelsOf(shard, side)) {
      used.levels++;
      orders.push(...validateLevel(shard, level, place));
    }
    used.nodes += side.tree.countNodes();
  }
  for (const order of orders) validateSide(shard, market, order);
  const ready = chainOf(shard, market.readyHead, READY);
  assert.equal(market.readyTail, ready.at(-1) ?? 0, "the queue has its end");
  return [...orders, ...ready];
}

/** The levels of a side from the best on. */
function levelsOf(shard: Shard, side: BookSide): number[] {
  const levels: number[] = [];
  let last = side.isBids ? NO_ASK : NO_BID;
  for (let level = side.behind(last); level !== 0; level = side.behind(last)) {
    const price = shard.levels.words[level + LEVEL_PRICE]!;
    assert(side.isBids ? price < last : price > last, "levels are in order of price");
    assert.equal(side.tree.find(price), level, "a level is found by its price");
    levels.push(level);
    last = price;
  }
  const best = levels[0] ?? 0;
  const none = side.isBids ? NO_BID : NO_ASK;
  assert.equal(side.best, best, "the best level is known");
  const price = best === 0 ? none : shard.levels.words[best + LEVEL_PRICE]!;
  assert.equal(side.bestPrice, price, "the best price is known");
  return levels;
}

function validateLevel(shard: Shard, level: number, place: number): number[] {
  const { words, reals } = shard.levels;
  const orders = chainOf(shard, words[level + HEAD]!, place);
  assert.equal(orders.at(-1), words[level + TAIL], "a level has its end");
  assert.equal(orders.length, words[level + LEVEL_ORDERS], "a level counts its orders");
  let sum = 0;
  for (const order of orders) {
    assert.equal(shard.orders.words[order + LEVEL], level, "an order knows its level");
    const price = place === IN_BOOK ? shard.orders.words[order + PRICE] : stopPrice(shard, order);
    assert.equal(price, words[level + LEVEL_PRICE], "an order is at its price");
    const shown = shownLots(shard, order);
    assert(shown > 0, "an order shows something");
    assert(shown <= shard.orders.reals[(order >> 1) + REMAINING]!, "no more shows than there is");
    sum += shown;
  }
  assert.equal(reals[(level >> 1) + LEVEL_LOTS], sum, "a level sums up its orders");
  return orders;
}

function validateSide(shard: Shard, market: Market, order: number): void {
  const { words } = shard.orders;
  const terms = words[order + TERMS]!;
  if ((terms & PLACE_MASK) === IN_BOOK) {
    const price = words[order + PRICE]!;
    const side = sideOf(terms) === SELL ? market.asks : market.bids;
    assert.notEqual(side.tree.find(price), 0, "an order is on its side");
    return;
  }
  const side = triggersUp(terms) ? market.rising : market.falling;
  assert.notEqual(side.tree.find(stopPrice(shard, order)), 0, "a stop is on its side");
  const isDue = isTriggered(market, terms, stopPrice(shard, order));
  assert(!isDue, "a stop that waits is not due");
}

/** The orders of a chain, which know each other and where they are. */
function chainOf(shard: Shard, first: number, place: number): number[] {
  const { words } = shard.orders;
  const chain: number[] = [];
  for (let order = first; order !== 0; order = words[order + NEXT]!) {
    assert.equal(words[order + PREVIOUS], chain.at(-1) ?? 0, "neighbours know each other");
    assert.equal(words[order + TERMS]! & PLACE_MASK, place, "an order knows where it is");
    chain.push(order);
  }
  return chain;
}

function stopPrice(shard: Shard, order: number): number {
  return shard.extras.words[shard.orders.words[order + EXTRA]! + STOP_PRICE]!;
}
