import type { MarketState, OrderId, SelfTradePrevention, Side } from "./command.ts";

/** Why a command is refused; the first of this list that holds (section 7), then the amendments'. */
export type Refusal =
  | "UNKNOWN_MARKET"
  | "MARKET_CLOSED"
  | "DUPLICATE_CLIENT_ORDER_ID"
  | "INVALID_COMBINATION"
  | "PRICE_TICK"
  | "PRICE_RANGE"
  | "QTY_STEP"
  | "QTY_RANGE"
  | "MIN_NOTIONAL"
  | "MAX_NOTIONAL"
  | "PERCENT_PRICE"
  | "MAX_OPEN_ORDERS"
  | "MAX_STOP_ORDERS"
  | "MAX_POSITION"
  | "STP_MODE_NOT_ALLOWED"
  | "INSUFFICIENT_FUNDS"
  | "WOULD_TRIGGER_IMMEDIATELY"
  | "WOULD_CROSS"
  | "UNKNOWN_ORDER"
  | "WRONG_SIZE"
  | "PRICE_OVER_RISK_LIMIT"
  | "TOO_MANY_AMENDS"
  /** The order's id was used before; the first order stands. */
  | "DUPLICATE_ORDER";

/** Why an accepted order ended without being filled. */
export type EndReason =
  | "USER"
  | "CANCEL_ALL"
  | "REDUCED"
  | "REPLACED"
  | "OCO"
  | "FOK_NOT_FILLABLE"
  | "IOC_REMAINDER"
  | "INSUFFICIENT_LIQUIDITY"
  | "PRICE_BAND"
  | "GTD"
  | "SELF_TRADE";

/**
 * What happened, in the order it did. `seq` is the market's event number, gapless from 1: it is what
 * a client of the feed counts. A refused CANCEL, REDUCE or AMEND changes nothing and has no event; a
 * refused PLACE, OCO or REPLACE has one of REJECTED for each new order.
 */
export type Event =
  | AcceptedEvent
  | RejectedEvent
  | TriggeredEvent
  | TradeEvent
  | AmendedEvent
  | EndedEvent
  | PreventedEvent
  | StateEvent;

/** An order as it is after the event: what money and records are computed from. */
export type OrderFacts = {
  readonly order: OrderId;
  readonly account: number;
  readonly side: Side;
  readonly tier: number;
  /** The limit price now; 0 where there is none. */
  readonly price: number;
  readonly reservePrice: number;
  /** 0n for an order by quantity. */
  readonly quoteMinor: bigint;
  /** Original − filled − prevented; in the event that ends an order it is what ended. */
  readonly remaining: number;
  readonly filledLots: number;
  /** Σ price × lots of its fills, in ticks times lots. */
  readonly filledUnits: number;
  /** The parts of the two above that it took, rather than made. */
  readonly takerLots: number;
  readonly takerUnits: number;
  /**
   * How many releases of its hold there were outside of trades: the n of the last one (FLOW-17). An
   * amendment with an extra hold counts as one, since a fill in between may leave some of it over.
   */
  readonly releases: number;
  /** The order whose id its hold has: its own, but for the stop leg of an OCO. */
  readonly hold: OrderId;
};

type InMarket = { readonly market: number; readonly seq: number };

/** An order is live from here: it matches, rests, or waits for its stop price. */
type AcceptedEvent = InMarket & {
  readonly kind: "ACCEPTED";
  readonly facts: OrderFacts;
  readonly isWaiting: boolean;
};

/** A new order is refused after its hold was taken; all of the hold is released. */
type RejectedEvent = InMarket & {
  readonly kind: "REJECTED";
  readonly facts: OrderFacts;
  readonly reason: Refusal;
  /** Of the first leg of an OCO what the other's is, as with an order that ends; else 0. */
  readonly siblingReservePrice: number;
};

/** A stop enters the book as taker, in its turn (BOOK-4). */
type TriggeredEvent = InMarket & { readonly kind: "TRIGGERED"; readonly facts: OrderFacts };

/** A fill at the maker's price. */
export type TradeEvent = InMarket & {
  readonly kind: "TRADE";
  /** Gapless in the market, from 1. */
  readonly tradeId: number;
  readonly price: number;
  readonly lots: number;
  readonly taker: OrderFacts;
  readonly maker: OrderFacts;
};

/** An order was changed; `facts` are the new ones. */
type AmendedEvent = InMarket & {
  readonly kind: "AMENDED";
  readonly facts: OrderFacts;
  readonly oldPrice: number;
  readonly oldReservePrice: number;
  readonly oldRemaining: number;
  readonly stopPrice: number;
};

/**
 * An order is over: CANCELLED by somebody, EXPIRED by its own terms, or CLOSED, which an order by
 * quote amount is when it can buy or sell no lot more. (An order by quantity that is filled has no
 * such event; one that self-trade prevention ends has PREVENTED.)
 */
type EndedEvent = InMarket & {
  readonly kind: "CANCELLED" | "EXPIRED" | "CLOSED";
  readonly facts: OrderFacts;
  readonly reason: EndReason;
  /**
   * While the other leg of an OCO goes on needing the hold, the reserve price of that leg, or 1 of a
   * sell, which has none; else 0.
   */
  readonly siblingReservePrice: number;
};

/** Two orders of one trade group met (section 4). What is prevented is taken off `remaining`. */
type PreventedEvent = InMarket & {
  readonly kind: "PREVENTED";
  readonly mode: SelfTradePrevention;
  readonly price: number;
  readonly taker: OrderFacts;
  readonly maker: OrderFacts;
  readonly takerPrevented: number;
  readonly makerPrevented: number;
  /** Whether each is over with it (EXPIRED_IN_MATCH). */
  readonly takerEnds: boolean;
  readonly makerEnds: boolean;
};

/** The market is in another state, by command or by its price band (BOOK-6). */
type StateEvent = InMarket & { readonly kind: "STATE"; readonly state: MarketState };
