import type { NewOrder, OcoCommand, PlaceCommand, ReplaceCommand } from "./command.ts";
import type { Refusal } from "./event.ts";
import { endOrder, reserveOfSibling } from "./naive-end.ts";
import { enterAsTaker } from "./naive-match.ts";
import { refusalOfOco, refusalOfPlace } from "./naive-refusal.ts";
import {
  type NaiveMarket,
  type NaiveOrder,
  type NaiveState,
  countRelease,
  emit,
  factsOf,
  noAmounts,
} from "./naive-state.ts";
import { waitForStop } from "./naive-stops.ts";
import { isStop } from "./naive-terms.ts";

/** Places an order, which may be in the stead of another (section 6); or says why not. */
export function place(
  state: NaiveState,
  command: PlaceCommand | ReplaceCommand,
): Refusal | undefined {
  const refusal = refusalOfPlace(state, command);
  const market = state.markets.get(command.market);
  if (market === undefined || refusal === "DUPLICATE_ORDER") return refusal;
  const order = newOrder(state, command, command, market);
  if (refusal !== undefined) {
    reject(state, order, refusal);
    return refusal;
  }
  if (command.kind === "REPLACE") {
    endOrder(state, state.orders.get(command.replaced)!, "CANCELLED", "REPLACED");
  }
  accept(state, order);
  if (isStop(command)) waitForStop(order);
  else enterAsTaker(state, order);
  return undefined;
}

/** Places two orders of which one happens; or says why not. */
export function placeOco(state: NaiveState, command: OcoCommand): Refusal | undefined {
  const refusal = refusalOfOco(state, command);
  const market = state.markets.get(command.market);
  if (market === undefined || refusal === "DUPLICATE_ORDER") return refusal;
  const limit = newOrder(state, command.limit, command, market);
  const stop = newOrder(state, command.stop, command, market);
  [limit.sibling, stop.sibling, stop.hold] = [stop, limit, limit.hold];
  if (refusal !== undefined) {
    reject(state, limit, refusal);
    reject(state, stop, refusal);
    return refusal;
  }
  accept(state, limit);
  accept(state, stop);
  waitForStop(stop);
  enterAsTaker(state, limit);
  return undefined;
}

function newOrder(
  state: NaiveState,
  terms: NewOrder,
  { account, session }: { readonly account: number; readonly session: number },
  market: NaiveMarket,
): NaiveOrder {
  state.arrivals++;
  const { price, stopPrice, reservePrice, lots, order: hold } = terms;
  const who = { terms, account, session, market, arrival: state.arrivals, hold };
  const values = { price, stopPrice, reservePrice, lots, remaining: lots, shown: lots };
  return { ...who, ...values, ...noAmounts, place: "NOWHERE", sibling: undefined };
}

function accept(state: NaiveState, order: NaiveOrder): void {
  state.orders.set(order.terms.order, order);
  const isWaiting = isStop(order.terms);
  emit(state, order.market, { kind: "ACCEPTED", facts: factsOf(order), isWaiting });
}

/** Says that an order is refused: what was held for it is free, but for what the other leg needs. */
function reject(state: NaiveState, order: NaiveOrder, reason: Refusal): void {
  countRelease(order);
  const siblingReservePrice = reserveOfSibling(order);
  emit(state, order.market, {
    kind: "REJECTED",
    facts: factsOf(order),
    reason,
    siblingReservePrice,
  });
  if (order.sibling !== undefined) order.sibling.sibling = undefined;
}
