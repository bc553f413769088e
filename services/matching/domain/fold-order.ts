import type { Event, OrderFacts } from "./event.ts";
import { feeMinor, needMinor, type Scales } from "./money.ts";
import { type FillRecord, hasEnded, type OrderRecord } from "./order-record.ts";

/** What some events have made of an order, and its fills among them. */
export type Folded = { readonly order: OrderRecord; readonly fills: readonly FillRecord[] };

/**
 * An order as it is after events of its market that happened at a time. Events that are not about it
 * change nothing. Of two linked orders it does not know what is held for both.
 */
export function foldOrder(
  start: OrderRecord,
  events: readonly Event[],
  { scales, atMs }: { readonly scales: Scales; readonly atMs: number },
): Folded {
  let order = start;
  const fills: FillRecord[] = [];
  for (const event of events) {
    const next = after(order, event);
    if (next === undefined) continue;
    const fee = feeMinor(next, order.rates, scales.quoteScale);
    const held = hasEnded(next) ? 0n : needMinor(next, order.rates, scales);
    if (event.kind === "TRADE")
      fills.push(fillOf(next, event, { feeMinor: fee - order.feeMinor, atMs }));
    order = { ...next, feeMinor: fee, heldMinor: held, seq: event.seq, updatedMs: atMs };
  }
  return { order, fills };
}

/** The order after an event, but for what is computed from it; undefined when it is of others. */
function after(order: OrderRecord, event: Event): OrderRecord | undefined {
  switch (event.kind) {
    case "STATE":
      return undefined;
    case "TRADE": {
      const facts = sideOf(order, event);
      if (facts === undefined) return undefined;
      const state = facts.remaining === 0 ? "FILLED" : "PARTIALLY_FILLED";
      return { ...order, ...amounts(facts), state };
    }
    case "PREVENTED": {
      const facts = sideOf(order, event);
      if (facts === undefined) return undefined;
      const isTaker = facts === event.taker;
      const prevented = isTaker ? event.takerPrevented : event.makerPrevented;
      const next = {
        ...order,
        ...amounts(facts),
        preventedLots: order.preventedLots + prevented,
      };
      if (!(isTaker ? event.takerEnds : event.makerEnds)) return next;
      return { ...next, remaining: 0, state: "EXPIRED_IN_MATCH", reason: "SELF_TRADE" };
    }
    default:
      return event.facts.order === order.id ? afterOwn(order, event) : undefined;
  }
}

type OwnEvent = Exclude<Event, { kind: "STATE" | "TRADE" | "PREVENTED" }>;

function afterOwn(order: OrderRecord, event: OwnEvent): OrderRecord {
  const next = { ...order, ...amounts(event.facts) };
  switch (event.kind) {
    case "ACCEPTED":
      return { ...next, state: event.isWaiting ? "PENDING_TRIGGER" : "NEW" };
    case "TRIGGERED":
      return { ...next, state: "NEW" };
    case "AMENDED": {
      const { price, reservePrice, remaining, filledLots } = event.facts;
      const lots = remaining + filledLots + order.preventedLots;
      return { ...next, price, reservePrice, stopPrice: event.stopPrice, lots };
    }
    case "REJECTED":
      return { ...next, remaining: 0, state: "REJECTED", reason: event.reason };
    case "CLOSED":
      return { ...next, remaining: 0, state: "FILLED" };
    default:
      return { ...next, remaining: 0, state: event.kind, reason: event.reason };
  }
}

function sideOf(
  { id }: OrderRecord,
  { taker, maker }: { readonly taker: OrderFacts; readonly maker: OrderFacts },
): OrderFacts | undefined {
  if (taker.order === id) return taker;
  return maker.order === id ? maker : undefined;
}

function amounts(facts: OrderFacts) {
  const { remaining, filledLots, filledUnits, takerLots, takerUnits } = facts;
  return { remaining, filledLots, filledUnits, takerLots, takerUnits };
}

function fillOf(
  order: OrderRecord,
  trade: Event & { kind: "TRADE" },
  { feeMinor: fee, atMs }: { readonly feeMinor: bigint; readonly atMs: number },
): FillRecord {
  return {
    market: order.market,
    tradeId: trade.tradeId,
    order: order.id,
    clientOrderId: order.clientOrderId,
    side: order.side,
    price: trade.price,
    lots: trade.lots,
    feeMinor: fee,
    isTaker: trade.taker.order === order.id,
    openLots: order.remaining,
    atMs,
  };
}
