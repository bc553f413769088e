import type { Event } from "./event.ts";
import { bandAt } from "./naive-average.ts";
import { enterBook, isBetter, oppositeOf } from "./naive-book.ts";
import { endOrder, forget } from "./naive-end.ts";
import { isFillable } from "./naive-fok.ts";
import { isOwn, prevent } from "./naive-prevent.ts";
import { lotsWithin } from "./naive-quote.ts";
import { type NaiveOrder, type NaiveState, emit } from "./naive-state.ts";
import { hasLimit, isResting } from "./naive-terms.ts";
import { trade } from "./naive-trade.ts";

/** Why a taker stopped before it was filled. */
type Stop = "NO_LIQUIDITY" | "PRICE_BAND" | "AMOUNT_USED" | "PREVENTED";

/** Lets an order take what it can, and then rest or end (section 2). */
export function enterAsTaker(state: NaiveState, order: NaiveOrder): void {
  const isFok = order.terms.timeInForce === "FOK";
  if (isFok && !isFillable(state, order)) {
    return endOrder(state, order, "EXPIRED", "FOK_NOT_FILLABLE");
  }
  const stop = take(state, order);
  if (stop === "PREVENTED") return undefined;
  if (order.terms.quoteMinor > 0n) return endQuoteOrder(state, order, stop);
  if (stop === undefined) return forget(state, order);
  if (stop === "PRICE_BAND") return halt(state, order);
  if (!hasLimit(order.terms)) return endOrder(state, order, "EXPIRED", "INSUFFICIENT_LIQUIDITY");
  if (!isResting(order.terms)) return endOrder(state, order, "EXPIRED", "IOC_REMAINDER");
  return enterBook(order);
}

/** Trades with one maker after the other; undefined when nothing of the taker remains. */
function take(state: NaiveState, taker: NaiveOrder): Stop | undefined {
  const { terms, market } = taker;
  const limit = limitOf(taker);
  const band = bandAt(market, state.atMs);
  while (taker.remaining > 0) {
    const maker = oppositeOf(market, terms.side)[0];
    if (maker === undefined || isBetter(terms.side, maker.price, limit)) return "NO_LIQUIDITY";
    const isInBand = maker.price >= band.low && maker.price <= band.high;
    if (!isInBand) return hasLimit(terms) ? "PRICE_BAND" : "NO_LIQUIDITY";
    const most = Math.min(taker.remaining, maker.shown);
    const lots = terms.quoteMinor > 0n ? lotsWithin(state, taker, maker.price, most) : most;
    if (lots === 0) return "AMOUNT_USED";
    if (!isOwn(state, taker, maker)) {
      trade(state, taker, maker, lots);
    } else if (prevent(state, taker, maker)) {
      return "PREVENTED";
    }
  }
  return undefined;
}

/** An order by amount is done when it can trade no lot more, and expires when nobody offers one. */
function endQuoteOrder(state: NaiveState, order: NaiveOrder, stop: Stop | undefined): void {
  const isDone = stop !== "NO_LIQUIDITY" && order.filledLots > 0;
  if (isDone) return endOrder(state, order, "CLOSED", "USER");
  return endOrder(state, order, "EXPIRED", "INSUFFICIENT_LIQUIDITY");
}

/** Past the price band the rest of the taker expires and the market stands still (BOOK-6). */
function halt(state: NaiveState, order: NaiveOrder): void {
  endOrder(state, order, "EXPIRED", "PRICE_BAND");
  order.market.state = "HALT";
  const halted: Omit<Event & { kind: "STATE" }, "market" | "seq"> = {
    kind: "STATE",
    state: "HALT",
  };
  emit(state, order.market, halted);
}

/** The worst price that a taker takes. */
function limitOf({ terms, price, reservePrice }: NaiveOrder): number {
  const isStopWithoutLimit = terms.type === "STOP" || terms.type === "TAKE_PROFIT";
  if (!isStopWithoutLimit) return price;
  const isCapped = terms.side === "BUY" && reservePrice > 0;
  if (isCapped) return reservePrice;
  return terms.side === "BUY" ? Infinity : 0;
}
