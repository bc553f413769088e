import { bandAt } from "./naive-average.ts";
import { isBetter, oppositeOf } from "./naive-book.ts";
import { isOwn } from "./naive-prevent.ts";
import type { NaiveOrder, NaiveState } from "./naive-state.ts";

/** Whether all of an order would be filled at once, and within its bound of cost or proceeds. */
export function isFillable(state: NaiveState, taker: NaiveOrder): boolean {
  const { market, terms } = taker;
  const band = bandAt(market, state.atMs);
  let wanted = taker.remaining;
  let units = 0n;
  for (const maker of oppositeOf(market, terms.side)) {
    const isOutside = maker.price < band.low || maker.price > band.high;
    if (wanted === 0 || isOutside || isBetter(terms.side, maker.price, taker.price)) break;
    const isPrevented = isOwn(state, taker, maker);
    if (isPrevented && terms.stp !== "EXPIRE_MAKER") break;
    const lots = isPrevented ? 0 : Math.min(wanted, maker.remaining);
    wanted -= lots;
    units += BigInt(lots) * BigInt(maker.price);
  }
  return wanted === 0 && isWithin(taker, units);
}

function isWithin({ terms }: NaiveOrder, units: bigint): boolean {
  if (terms.limitUnits === 0) return true;
  const limit = BigInt(terms.limitUnits);
  return terms.side === "BUY" ? units <= limit : units >= limit;
}
