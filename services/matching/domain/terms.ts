import { ORDER_TYPES, SIDES, STP_MODES, TIMES_IN_FORCE } from "./codes.ts";
import type { NewOrder } from "./command.ts";

// What an order is, in one word that records, books and events have alike: the side in bit 0, the
// type in 1-3, the time in force in 4-5, the mode of self-trade prevention in 6-8, post-only in 9.
// The bits from 10 on are the book's own (orders.ts); a command has zeros there.

/** The bits of the type; a LIMIT order has zeros there. */
export const TYPE_MASK = 7 << 1;
export const POST_ONLY = 1 << 9;

export const BUY = 0;
export const SELL = 1;
export const LIMIT_ORDER = 0;
export const MARKET_ORDER = 1;
export const STOP = 2;
export const TAKE_PROFIT = 4;
export const GTC = 0;
export const GTD = 1;
export const IOC = 2;
export const FOK = 3;

/** The types without a limit, as bits. */
const WITHOUT_LIMIT = (1 << MARKET_ORDER) | (1 << STOP) | (1 << TAKE_PROFIT);

/** 0 is a buy, 1 a sell. */
export function sideOf(terms: number): number {
  return terms & 1;
}

/** The place in ORDER_TYPES. */
export function typeOf(terms: number): number {
  return (terms >> 1) & 7;
}

/** The place in TIMES_IN_FORCE. */
export function timeInForceOf(terms: number): number {
  return (terms >> 4) & 3;
}

/** The place in STP_MODES. */
export function stpOf(terms: number): number {
  return (terms >> 6) & 7;
}

/** Whether an order has no limit once it is in the market: MARKET, STOP and TAKE_PROFIT. */
export function isMarketType(terms: number): boolean {
  return (WITHOUT_LIMIT & (1 << typeOf(terms))) !== 0;
}

/** Whether the rest of an order stays in the book. */
export function isResting(terms: number): boolean {
  return timeInForceOf(terms) <= GTD;
}

/** Whether an order waits for a stop price at first. */
export function isStopType(terms: number): boolean {
  return typeOf(terms) >= STOP;
}

/** Whether a stop waits for the price to rise to it, rather than to fall. */
export function triggersUp(terms: number): boolean {
  const isTakeProfit = typeOf(terms) >= TAKE_PROFIT;
  return (sideOf(terms) === BUY) !== isTakeProfit;
}

export function toTerms(order: NewOrder): number {
  return (
    SIDES.indexOf(order.side) |
    (ORDER_TYPES.indexOf(order.type) << 1) |
    (TIMES_IN_FORCE.indexOf(order.timeInForce) << 4) |
    (STP_MODES.indexOf(order.stp) << 6) |
    (order.isPostOnly ? POST_ONLY : 0)
  );
}

/** The terms as words; undefined entries can't be, since the log refuses other numbers. */
export function fromTerms(
  terms: number,
): Pick<NewOrder, "side" | "type" | "timeInForce" | "stp" | "isPostOnly"> {
  return {
    side: SIDES[sideOf(terms)]!,
    type: ORDER_TYPES[typeOf(terms)]!,
    timeInForce: TIMES_IN_FORCE[timeInForceOf(terms)]!,
    stp: STP_MODES[stpOf(terms)]!,
    isPostOnly: (terms & POST_ONLY) !== 0,
  };
}
