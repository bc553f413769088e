import type { Command, NewOrder, OrderId } from "../domain/command.ts";
import type { Event, OrderFacts } from "../domain/event.ts";
import { type FeeRates, feeMinor, needMinor, type Scales } from "../domain/money.ts";
import type { OrderState } from "../domain/order-record.ts";
import type { OrderRow, OrderTerms } from "../store/result-rows.ts";
import type { OrderTexts } from "./submission.ts";

/** What of an event concerns one order. */
export type OrderChange = {
  readonly event: Event;
  readonly facts: OrderFacts;
  readonly rates: FeeRates;
  readonly scales: Scales;
  readonly atMs: number;
};

/** An order of which nothing is known yet. */
export function emptyRow(id: OrderId): OrderRow {
  return {
    id,
    terms: undefined,
    state: undefined,
    price: 0,
    reservePrice: 0,
    stopPrice: -1,
    lots: 0,
    remaining: 0,
    filledLots: 0,
    filledUnits: 0,
    takerLots: 0,
    takerUnits: 0,
    preventedLots: 0,
    holdStep: 0,
    releases: 0,
    seq: 0,
    updatedMs: 0,
    feeMinor: 0n,
    heldMinor: UNCHANGED,
    reason: "",
  };
}

/** Makes a row what an order is after an event. */
export function changeRow(row: OrderRow, change: OrderChange): void {
  const { event, facts, rates, scales, atMs } = change;
  const state = stateAfter(event, facts);
  if (state !== undefined) row.state = state;
  const isOver = state !== undefined && ends.has(state);
  const { filledLots, remaining } = facts;
  row.price = facts.price;
  row.reservePrice = facts.reservePrice;
  if (event.kind === "AMENDED") row.stopPrice = event.stopPrice;
  row.lots += lotsMore(event);
  row.preventedLots += preventedBy(event, facts);
  row.remaining = isOver ? 0 : remaining;
  row.filledLots = filledLots;
  row.filledUnits = facts.filledUnits;
  row.takerLots = facts.takerLots;
  row.takerUnits = facts.takerUnits;
  row.releases = facts.releases;
  row.seq = event.seq;
  row.updatedMs = atMs;
  row.feeMinor = filledLots === 0 ? 0n : feeMinor(facts, rates, scales.quoteScale);
  if (isOver) row.heldMinor = 0n;
  else if (changesHold(event, facts)) {
    row.heldMinor = heldAfter(event, facts, needMinor(facts, rates, scales));
  }
  row.reason = reasonOf(event, facts);
}

/** By how much the quantity grows; what ends by a reduction, or as not needed, is no part of it. */
function lotsMore(event: Event): number {
  if (event.kind === "AMENDED") return event.facts.remaining - event.oldRemaining;
  const isReduced = event.kind === "CANCELLED" && event.reason === "REDUCED";
  return isReduced || event.kind === "CLOSED" ? -event.facts.remaining : 0;
}

function preventedBy(event: Event, facts: OrderFacts): number {
  if (event.kind !== "PREVENTED") return 0;
  return facts === event.taker ? event.takerPrevented : event.makerPrevented;
}

/** What of a row is to stay as it is stored. */
const UNCHANGED = -1n;

/** Who loses nothing by a prevented trade goes on with its hold, also with that for a pair. */
function changesHold(event: Event, facts: OrderFacts): boolean {
  return event.kind !== "PREVENTED" || preventedBy(event, facts) > 0;
}

/** Of a pair that waits the limit leg has the hold of both. */
function heldAfter(event: Event, facts: OrderFacts, need: bigint): bigint {
  const waits = (event.kind === "ACCEPTED" && event.isWaiting) || event.kind === "AMENDED";
  return waits && facts.hold !== facts.order ? 0n : need;
}

const ends = new Set<OrderState>([
  "FILLED",
  "CANCELLED",
  "EXPIRED",
  "EXPIRED_IN_MATCH",
  "REJECTED",
]);

/** The state of one of an event's orders after it; undefined where it stays. */
function stateAfter(event: Event, facts: OrderFacts): OrderState | undefined {
  switch (event.kind) {
    case "ACCEPTED":
      return event.isWaiting ? "PENDING_TRIGGER" : "NEW";
    case "TRIGGERED":
      return "NEW";
    case "TRADE":
      return facts.remaining === 0 ? "FILLED" : "PARTIALLY_FILLED";
    case "CLOSED":
      return "FILLED";
    case "PREVENTED":
      return endsIn(event, facts) ? "EXPIRED_IN_MATCH" : undefined;
    case "AMENDED":
    case "STATE":
      return undefined;
    default:
      return event.kind;
  }
}

/** Whether one of the two orders that may not trade with each other ends by that. */
function endsIn(event: Event & { kind: "PREVENTED" }, facts: OrderFacts): boolean {
  return facts === event.taker ? event.takerEnds : event.makerEnds;
}

function reasonOf(event: Event, facts: OrderFacts): string {
  if (event.kind === "PREVENTED") return endsIn(event, facts) ? "SELF_TRADE" : "";
  return "reason" in event && event.kind !== "CLOSED" ? event.reason : "";
}

/** What stays as it is of an order that a command places. */
export function termsOf(
  command: Command,
  facts: OrderFacts,
  rest: Pick<OrderTerms, "owner" | "market" | "rates" | "createdMs"> & {
    /** The number of the command in the journal. */
    readonly seq: number;
    readonly texts: OrderTexts;
  },
): OrderTerms {
  const { seq, texts, ...common } = rest;
  const order = orderOf(command, facts.order);
  const isStopLeg = command.kind === "OCO" && order === command.stop;
  const clientOrderId = isStopLeg ? texts.stopClientOrderId : texts.clientOrderId;
  const { side, type, timeInForce, stp, isPostOnly } = order;
  const { quoteMinor, limitUnits, visibleLots, expireMs, stopPrice, lots } = order;
  return {
    ...common,
    side,
    type,
    timeInForce,
    stp,
    isPostOnly,
    stopPrice,
    lots,
    quoteMinor,
    limitUnits,
    visibleLots,
    expireMs,
    clientOrderId: clientOrderId ?? "",
    requestHash: texts.requestHash ?? "",
    hold: facts.hold,
    linked: command.kind === "OCO" ? linkedTo(command, facts.order) : undefined,
    triggerId: texts.triggerId,
    place: 2 * seq + (isStopLeg ? 1 : 0),
  };
}

/** What a command says of one of the orders that it places. */
function orderOf(command: Command, id: OrderId): NewOrder {
  if (command.kind === "OCO") return command.limit.order === id ? command.limit : command.stop;
  if (command.kind === "PLACE" || command.kind === "REPLACE") return command;
  throw new Error(`${command.kind} places no order`);
}

function linkedTo(command: Command & { kind: "OCO" }, id: OrderId): OrderId {
  return command.limit.order === id ? command.stop.order : command.limit.order;
}
