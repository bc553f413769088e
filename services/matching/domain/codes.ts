import type {
  Command,
  MarketState,
  OrderType,
  SelfTradePrevention,
  Side,
  TimeInForce,
} from "./command.ts";
import type { EndReason, Event } from "./event.ts";

// Words as the numbers that records, logs and books have for them: a word's place in its list. They
// are in journals and snapshots, so a list only ever grows at its end.

export const COMMAND_KINDS = [
  "ACCOUNT",
  "TIER",
  "MARKET",
  "STATE",
  "PLACE",
  "OCO",
  "CANCEL",
  "REDUCE",
  "AMEND",
  "REPLACE",
  "CANCEL_ALL",
  "EXPIRE",
] as const satisfies readonly Command["kind"][];

export const EVENT_KINDS = [
  "ACCEPTED",
  "REJECTED",
  "TRIGGERED",
  "TRADE",
  "AMENDED",
  "CANCELLED",
  "EXPIRED",
  "CLOSED",
  "PREVENTED",
  "STATE",
] as const satisfies readonly Event["kind"][];

export const SIDES = ["BUY", "SELL"] as const satisfies readonly Side[];

export const ORDER_TYPES = [
  "LIMIT",
  "MARKET",
  "STOP",
  "STOP_LIMIT",
  "TAKE_PROFIT",
  "TAKE_PROFIT_LIMIT",
] as const satisfies readonly OrderType[];

export const TIMES_IN_FORCE = [
  "GTC",
  "GTD",
  "IOC",
  "FOK",
] as const satisfies readonly TimeInForce[];

export const STP_MODES = [
  "NONE",
  "EXPIRE_TAKER",
  "EXPIRE_MAKER",
  "EXPIRE_BOTH",
  "DECREMENT",
] as const satisfies readonly SelfTradePrevention[];

export const MARKET_STATES = [
  "PRE_OPEN",
  "TRADING",
  "CANCEL_ONLY",
  "HALT",
] as const satisfies readonly MarketState[];

export const END_REASONS = [
  "USER",
  "CANCEL_ALL",
  "REDUCED",
  "REPLACED",
  "OCO",
  "FOK_NOT_FILLABLE",
  "IOC_REMAINDER",
  "INSUFFICIENT_LIQUIDITY",
  "PRICE_BAND",
  "GTD",
  "SELF_TRADE",
] as const satisfies readonly EndReason[];
