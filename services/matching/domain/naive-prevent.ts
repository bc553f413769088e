import { endSibling, forget } from "./naive-end.ts";
import { type NaiveOrder, type NaiveState, countRelease, emit, factsOf } from "./naive-state.ts";

/** Whether two orders may not trade with each other (section 4). */
export function isOwn(state: NaiveState, taker: NaiveOrder, maker: NaiveOrder): boolean {
  const group = (order: NaiveOrder) => state.accounts.get(order.account)?.group;
  return taker.terms.stp !== "NONE" && group(taker) === group(maker);
}

/** Does to two orders of one owner what the taker's mode says; whether the taker is over. */
export function prevent(state: NaiveState, taker: NaiveOrder, maker: NaiveOrder): boolean {
  const [takerPrevented, makerPrevented] = preventedLots(taker, maker);
  if (takerPrevented > 0) endSibling(state, taker);
  if (makerPrevented > 0) endSibling(state, maker);
  lose(taker, takerPrevented);
  lose(maker, makerPrevented);
  emit(state, taker.market, {
    kind: "PREVENTED",
    mode: taker.terms.stp,
    price: maker.price,
    taker: factsOf(taker),
    maker: factsOf(maker),
    takerPrevented,
    makerPrevented,
    takerEnds: taker.remaining === 0,
    makerEnds: maker.remaining === 0,
  });
  if (maker.remaining === 0) forget(state, maker);
  if (taker.remaining === 0) forget(state, taker);
  return taker.remaining === 0;
}

/** How many lots the taker and the maker lose. An order by amount has no quantity to decrement. */
function preventedLots(taker: NaiveOrder, maker: NaiveOrder): [number, number] {
  const isByAmount = taker.terms.quoteMinor > 0n;
  const least = Math.min(taker.remaining, maker.remaining);
  switch (taker.terms.stp) {
    case "EXPIRE_MAKER":
      return [0, maker.remaining];
    case "EXPIRE_BOTH":
      return [taker.remaining, maker.remaining];
    case "DECREMENT":
      return isByAmount ? [taker.remaining, 0] : [least, least];
    default:
      return [taker.remaining, 0];
  }
}

/** What an iceberg loses, it loses of what it hides first. */
function lose(order: NaiveOrder, lots: number): void {
  if (lots === 0) return;
  order.remaining -= lots;
  order.shown = Math.min(order.shown, order.remaining);
  countRelease(order);
}
