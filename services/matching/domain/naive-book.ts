import type { Side } from "./command.ts";
import type { NaiveMarket, NaiveOrder } from "./naive-state.ts";

/** A price of a book, what shows at it, and how many orders there are. */
export type Level = { readonly price: number; readonly lots: number; readonly orders: number };

/** The orders of a side in priority. */
function sideOf(market: NaiveMarket, side: Side): NaiveOrder[] {
  return side === "BUY" ? market.bids : market.asks;
}

/** The orders that a taker of a side meets, in priority. */
export function oppositeOf(market: NaiveMarket, side: Side): NaiveOrder[] {
  return side === "BUY" ? market.asks : market.bids;
}

/** Whether a price on a side is better than another, or for the other side: worth less. */
export function isBetter(side: Side, price: number, other: number): boolean {
  return side === "BUY" ? price > other : price < other;
}

/** Puts an order behind all of its price; an iceberg shows a new part (BOOK-1). */
export function enterBook(order: NaiveOrder): void {
  const side = sideOf(order.market, order.terms.side);
  const behind = side.findIndex((other) => isBetter(order.terms.side, order.price, other.price));
  const { visibleLots } = order.terms;
  order.shown = visibleLots > 0 ? Math.min(visibleLots, order.remaining) : order.remaining;
  order.place = "BOOK";
  side.splice(behind === -1 ? side.length : behind, 0, order);
}

/** Takes an order out of wherever it is. */
export function leavePlace(order: NaiveOrder): void {
  const { market, place } = order;
  if (place === "NOWHERE") return;
  const places = {
    BOOK: sideOf(market, order.terms.side),
    STOPS: market.stops,
    READY: market.ready,
  };
  const list = places[place];
  list.splice(list.indexOf(order), 1);
  order.place = "NOWHERE";
}

/** Whether an order at a price would trade at once. */
export function crosses(market: NaiveMarket, side: Side, price: number): boolean {
  const best = oppositeOf(market, side)[0];
  return best !== undefined && !isBetter(side, best.price, price);
}

/** The best levels of a side, without what is hidden (FEED-7). */
export function depthOf(market: NaiveMarket, side: Side, levels: number): Level[] {
  const depth = new Map<number, Level>();
  for (const { price, shown } of sideOf(market, side)) {
    const level = depth.get(price) ?? { price, lots: 0, orders: 0 };
    depth.set(price, { price, lots: level.lots + shown, orders: level.orders + 1 });
  }
  return [...depth.values()].slice(0, levels);
}
