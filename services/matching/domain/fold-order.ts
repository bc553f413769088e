import type { Event, OrderFacts, TradeEvent } from "./event.ts";
import { addFill, feeMinor, type Fills, needMinor, type Scales } from "./money.ts";
import { type FillRecord, hasEnded, type OrderRecord } from "./order-record.ts";

/** The market and the time of events. */
export type When = { readonly scales: Scales; readonly atMs: number };

/**
 * An order as it is after events of its market that happened at a time. Events that are not about it
 * change nothing. Of two linked orders what is held for both is known from where it starts.
 */
export function foldOrder(start: OrderRecord, events: readonly Event[], when: When): OrderRecord {
  const { scales, atMs } = when;
  let order = start;
  let isHeldAnew = false;
  for (const event of events) {
    const next = after(order, event);
    if (next === undefined) continue;
    // Who loses nothing by a prevented trade goes on with its hold, and so does a linked order.
    isHeldAnew ||= event.kind !== "PREVENTED" || next.preventedLots !== order.preventedLots;
    order = { ...next, seq: event.seq, updatedMs: atMs };
  }
  const held = isHeldAnew ? needMinor(order, order.rates, scales) : order.heldMinor;
  return {
    ...order,
    feeMinor: feeMinor(order, order.rates, scales.quoteScale),
    heldMinor: hasEnded(order) ? 0n : held,
  };
}

/** The fills of an order among events of its market, in order. */
export function fillsOf(order: OrderRecord, events: readonly Event[], when: When): FillRecord[] {
  return events.flatMap((event) => {
    const facts = event.kind === "TRADE" ? sideOf(order, event) : undefined;
    return event.kind === "TRADE" && facts !== undefined ? [fillOf(order, event, facts, when)] : [];
  });
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
      return { ...next, lots: next.filledLots + next.preventedLots, remaining: 0, state: "FILLED" };
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
  trade: TradeEvent,
  facts: OrderFacts,
  { scales, atMs }: When,
): FillRecord {
  const { price, lots } = trade;
  const isTaker = facts === trade.taker;
  const fee = (fills: Fills) => feeMinor(fills, order.rates, scales.quoteScale);
  return {
    market: order.market,
    tradeId: trade.tradeId,
    order: order.id,
    clientOrderId: order.clientOrderId,
    side: order.side,
    price,
    lots,
    feeMinor: fee(facts) - fee(addFill(facts, { lots: -lots, price, isTaker })),
    isTaker,
    openLots: facts.remaining,
    atMs,
  };
}
