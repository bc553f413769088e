import type { EndReason } from "./event.ts";
import { leavePlace } from "./naive-book.ts";
import { type NaiveOrder, type NaiveState, countRelease, emit, factsOf } from "./naive-state.ts";

/** Ends an order and, of an OCO, the other leg after it; the rest of their hold is free. */
export function endOrder(
  state: NaiveState,
  order: NaiveOrder,
  kind: "CANCELLED" | "EXPIRED" | "CLOSED",
  reason: EndReason,
): void {
  const { sibling } = order;
  endLeg(state, order, kind, reason);
  if (sibling !== undefined) endLeg(state, sibling, kind, reason);
}

/** Ends the other leg of an OCO, since this one goes on. */
export function endSibling(state: NaiveState, order: NaiveOrder): void {
  if (order.sibling !== undefined) endLeg(state, order.sibling, "CANCELLED", "OCO");
}

function endLeg(
  state: NaiveState,
  order: NaiveOrder,
  kind: "CANCELLED" | "EXPIRED" | "CLOSED",
  reason: EndReason,
): void {
  countRelease(order);
  const siblingReservePrice = reserveOfSibling(order);
  emit(state, order.market, { kind, facts: factsOf(order), reason, siblingReservePrice });
  forget(state, order);
}

/** The reserve price of the leg that goes on needing the hold; 1 of a sell, which has none. */
export function reserveOfSibling({ sibling }: NaiveOrder): number {
  if (sibling === undefined) return 0;
  return sibling.terms.side === "BUY" ? sibling.reservePrice : 1;
}

/** Takes an order that is over out of the books; its client's id stays known for a day. */
export function forget(state: NaiveState, order: NaiveOrder): void {
  leavePlace(order);
  state.orders.delete(order.terms.order);
  if (order.sibling !== undefined) order.sibling.sibling = undefined;
  order.sibling = undefined;
  const { clientKey } = order.terms;
  if (clientKey === "") return;
  state.endedKeys.set(`${order.market.number}/${order.account}/${clientKey}`, state.atMs);
  state.endedOrders.set(order.terms.order, state.atMs);
}
