import type { Refusal } from "./event.ts";

/** What `apply` answers: 0 is done, else a refusal's place in this list. */
export const REFUSALS = [
  "",
  "UNKNOWN_MARKET",
  "MARKET_CLOSED",
  "DUPLICATE_CLIENT_ORDER_ID",
  "INVALID_COMBINATION",
  "PRICE_TICK",
  "PRICE_RANGE",
  "QTY_STEP",
  "QTY_RANGE",
  "MIN_NOTIONAL",
  "MAX_NOTIONAL",
  "PERCENT_PRICE",
  "MAX_OPEN_ORDERS",
  "MAX_STOP_ORDERS",
  "MAX_POSITION",
  "STP_MODE_NOT_ALLOWED",
  "INSUFFICIENT_FUNDS",
  "WOULD_TRIGGER_IMMEDIATELY",
  "WOULD_CROSS",
  "UNKNOWN_ORDER",
  "WRONG_SIZE",
  "PRICE_OVER_RISK_LIMIT",
  "TOO_MANY_AMENDS",
  "DUPLICATE_ORDER",
] as const satisfies readonly (Refusal | "")[];

// The places of those that the engine decides about.
export const UNKNOWN_MARKET = 1;
export const MARKET_CLOSED = 2;
export const DUPLICATE_CLIENT_ORDER_ID = 3;
export const INVALID_COMBINATION = 4;
export const PRICE_TICK = 5;
export const PRICE_RANGE = 6;
export const QTY_STEP = 7;
export const QTY_RANGE = 8;
export const BELOW_MIN_NOTIONAL = 9;
export const ABOVE_MAX_NOTIONAL = 10;
export const PERCENT_PRICE = 11;
export const TOO_MANY_OPEN_ORDERS = 12;
export const TOO_MANY_STOP_ORDERS = 13;
export const ABOVE_MAX_POSITION = 14;
export const STP_MODE_NOT_ALLOWED = 15;
export const INSUFFICIENT_FUNDS = 16;
export const WOULD_TRIGGER_IMMEDIATELY = 17;
export const WOULD_CROSS = 18;
export const UNKNOWN_ORDER = 19;
export const WRONG_SIZE = 20;
export const PRICE_OVER_RISK_LIMIT = 21;
export const TOO_MANY_AMENDS = 22;
export const DUPLICATE_ORDER = 23;

/** The refusal that a number of `apply` stands for; 0 is none. */
export function refusalOf(code: number): Refusal | undefined {
  return REFUSALS[code] || undefined;
}
