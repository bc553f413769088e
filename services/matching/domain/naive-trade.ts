import { enterBook, leavePlace } from "./naive-book.ts";
import { endSibling, forget } from "./naive-end.ts";
import { type NaiveOrder, type NaiveState, emit, factsOf } from "./naive-state.ts";
import { triggerStops } from "./naive-stops.ts";
import { addFill } from "./money.ts";

/** A fill at the maker's price (BOOK-1); then the stops that it triggers get ready (BOOK-4). */
export function trade(state: NaiveState, taker: NaiveOrder, maker: NaiveOrder, lots: number): void {
  const { market } = taker;
  const { price } = maker;
  endSibling(state, taker);
  endSibling(state, maker);
  fill(taker, { lots, price, isTaker: true });
  fill(maker, { lots, price, isTaker: false });
  maker.shown -= lots;
  market.tradeId++;
  market.last = price;
  market.trades.push({ second: Math.floor(state.atMs / 1000), price, lots });
  const facts = { taker: factsOf(taker), maker: factsOf(maker) };
  emit(state, market, { kind: "TRADE", tradeId: market.tradeId, price, lots, ...facts });
  if (maker.remaining === 0) {
    forget(state, maker);
  } else if (maker.shown === 0) {
    leavePlace(maker);
    enterBook(maker); // the next part of an iceberg stands behind all others
  }
  triggerStops(market);
}

function fill(
  order: NaiveOrder,
  by: { readonly lots: number; readonly price: number; readonly isTaker: boolean },
): void {
  Object.assign(order, addFill(order, by));
  order.remaining -= by.lots;
}
