import { leavePlace } from "./naive-book.ts";
import type { NaiveMarket, NaiveOrder } from "./naive-state.ts";
import { holds, isUpward } from "./naive-terms.ts";

/** Lets an order wait for its stop price, behind those that came before it. */
export function waitForStop(order: NaiveOrder): void {
  order.place = "STOPS";
  order.market.stops.push(order);
}

/**
 * Moves the stops whose condition holds now to the ready queue: those that waited for a rise from
 * the lowest stop price up, then those that waited for a fall from the highest down (BOOK-4).
 */
export function triggerStops(market: NaiveMarket): void {
  const { stops, last } = market;
  const triggered = stops.filter(({ terms, stopPrice }) => holds(terms, stopPrice, last));
  const rising = triggered.filter(({ terms }) => isUpward(terms));
  const falling = triggered.filter(({ terms }) => !isUpward(terms));
  rising.sort((one, other) => one.stopPrice - other.stopPrice);
  falling.sort((one, other) => other.stopPrice - one.stopPrice);
  for (const order of [...rising, ...falling]) makeReady(order);
}

function makeReady(order: NaiveOrder): void {
  leavePlace(order);
  order.place = "READY";
  order.market.ready.push(order);
}
