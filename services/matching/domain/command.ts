/** The 32 hex digits of an order's UUID. */
export type OrderId = string;

export type Side = "BUY" | "SELL";

export type OrderType =
  | "LIMIT"
  | "MARKET"
  | "STOP"
  | "STOP_LIMIT"
  | "TAKE_PROFIT"
  | "TAKE_PROFIT_LIMIT";

export type TimeInForce = "GTC" | "GTD" | "IOC" | "FOK";

/** What happens when an order would trade with one of the same trade group; the taker's decides. */
export type SelfTradePrevention =
  | "NONE"
  | "EXPIRE_TAKER"
  | "EXPIRE_MAKER"
  | "EXPIRE_BOTH"
  | "DECREMENT";

export type MarketState = "PRE_OPEN" | "TRADING" | "CANCEL_ONLY" | "HALT";

/**
 * Something that happens to the books of a shard, as its journal has it. Prices are whole ticks
 * (int32, from 1), quantities whole lots, and money whole minor units; what is absent on the wire is
 * 0 here. `market`, `account` and `tier` are small numbers that earlier commands have made known, so
 * that the engine meets neither text nor clock (UNIT-6). The time comes with the batch.
 */
export type Command =
  | AccountCommand
  | TierCommand
  | MarketCommand
  | StateCommand
  | PlaceCommand
  | OcoCommand
  | CancelCommand
  | ReduceCommand
  | AmendCommand
  | ReplaceCommand
  | CancelAllCommand
  | ExpireCommand;

/** Makes an account known, or changes its trade group; numbers are given in order, from 1. */
type AccountCommand = {
  readonly kind: "ACCOUNT";
  readonly account: number;
  /** The 32 hex digits of the owner's UUID; zeros are the brokerage desk. */
  readonly owner: string;
  /** Accounts of one group don't trade with each other; by default the account's own number. */
  readonly group: number;
};

/** What an order pays (FUND-4): of its quote notional, in parts per million, and a sum per lot. */
export type Fee = {
  /** From 0, less than 1,000,000. */
  readonly ppm: number;
  /** In minor units of the quote asset, a safe integer from 0. */
  readonly perLot: number;
};

/** Makes a fee tier known; it never changes, since orders keep theirs (FUND-6). From 1, in order. */
type TierCommand = {
  readonly kind: "TIER";
  readonly tier: number;
  readonly maker: Fee;
  readonly taker: Fee;
};

/**
 * What a market accepts (section 7 of the order rules). A change holds from the next command on and
 * leaves the orders that are there.
 */
export type MarketRules = {
  /** Minor units of the quote asset for one tick times one lot, a safe integer from 1 (UNIT-2). */
  readonly quoteScale: number;
  readonly minPrice: number;
  readonly maxPrice: number;
  readonly minLots: number;
  readonly maxLots: number;
  readonly stepLots: number;
  /** The bounds of MARKET orders, which have bounds of their own. */
  readonly marketMinLots: number;
  readonly marketMaxLots: number;
  readonly marketStepLots: number;
  /** In ticks times lots; MARKET orders are measured at the average price. At most 2^53 - 1. */
  readonly minNotional: number;
  readonly maxNotional: number;
  /** Limit prices lie within average × low … average × high, in parts per million. */
  readonly percentLowPpm: number;
  readonly percentHighPpm: number;
  /** No fill lies further from the average than this (BOOK-6). */
  readonly priceBandPpm: number;
  /** The reference before the first trade. */
  readonly listingPrice: number;
  /** Live orders of an account, stops among them. */
  readonly maxOpenOrders: number;
  /** Waiting stops of an account. */
  readonly maxStopOrders: number;
  /** Base balance and open buys of an account, in lots; 0 is no bound. */
  readonly maxPositionLots: number;
  /** Changes of an order other than a reduction. */
  readonly maxAmends: number;
  /** How often an iceberg shows a part: ceil(quantity / visible). */
  readonly maxIcebergParts: number;
  readonly stpModes: readonly SelfTradePrevention[];
};

/** Lists a market, in the state PRE_OPEN, or changes its rules. Numbers from 1, in order. */
export type MarketCommand = {
  readonly kind: "MARKET";
  readonly market: number;
  readonly rules: MarketRules;
};

/** Moves a market to a state. On TRADING, stops that were triggered before a halt go on. */
type StateCommand = {
  readonly kind: "STATE";
  readonly market: number;
  readonly state: MarketState;
};

/** What every new order says. */
export type NewOrder = {
  readonly order: OrderId;
  readonly side: Side;
  readonly type: OrderType;
  /** A MARKET, STOP or TAKE_PROFIT order has IOC. */
  readonly timeInForce: TimeInForce;
  /** The limit; for a MARKET order its protective price; 0 for STOP and TAKE_PROFIT. */
  readonly price: number;
  /** The quantity; for an order by quote amount the most that its hold covers. */
  readonly lots: number;
  /** The highest price that the hold of a buy covers (FUND-2); 0 for a sell. */
  readonly reservePrice: number;
  /**
   * MARKET, STOP and TAKE_PROFIT: what to spend at most with fees, or to earn at most, in minor
   * units; 0n is an order by quantity.
   */
  readonly quoteMinor: bigint;
  /** FOK only: the bound of the total cost or proceeds, in ticks times lots; 0 is none. */
  readonly limitUnits: number;
  readonly stopPrice: number;
  readonly isPostOnly: boolean;
  readonly stp: SelfTradePrevention;
  readonly tier: number;
  /** Milliseconds since 1970 for GTD, else 0. */
  readonly expireMs: number;
  /** How much of an iceberg shows; 0 for an order that shows whole. */
  readonly visibleLots: number;
  /** The first 64 bits of the hash of the client's own id, as 16 hex digits; "" is none. */
  readonly clientKey: string;
};

/** Places an order whose funds are held (FUND-1). */
export type PlaceCommand = NewOrder & {
  readonly kind: "PLACE";
  readonly market: number;
  readonly account: number;
  /** Whose end cancels the order: a session of the account; 0 is none. */
  readonly session: number;
  /** The base balance of the account at the check, in lots, where the market has maxPositionLots. */
  readonly positionLots: number;
};

/**
 * Places two orders of which one happens: the first fill of the limit leg, or the trigger of the
 * stop leg, cancels the other in the same command. Side and lots are equal; one hold, under the id
 * of the limit leg, covers the larger need.
 */
export type OcoCommand = {
  readonly kind: "OCO";
  readonly market: number;
  readonly account: number;
  readonly session: number;
  readonly positionLots: number;
  readonly limit: NewOrder;
  readonly stop: NewOrder;
};

/** Ends an order; of an OCO both legs. */
export type CancelCommand = {
  readonly kind: "CANCEL";
  readonly market: number;
  readonly account: number;
  readonly order: OrderId;
};

/** Takes lots off the open quantity; the place in the queue stays. At 0 the order is CANCELLED. */
export type ReduceCommand = {
  readonly kind: "REDUCE";
  readonly market: number;
  readonly account: number;
  readonly order: OrderId;
  readonly lots: number;
};

/**
 * Changes an order (section 6). Each value is the wanted one, or 0 to leave it. A new total quantity
 * that is not more than what was filled ends the order; a smaller one keeps the place, all else
 * loses it. OCO legs can't be amended (INVALID_COMBINATION).
 */
export type AmendCommand = {
  readonly kind: "AMEND";
  readonly market: number;
  readonly account: number;
  readonly order: OrderId;
  /** The limit price, or of a waiting stop its limit price. */
  readonly price: number;
  /** The original quantity as it is to be, filled lots included. */
  readonly lots: number;
  readonly reservePrice: number;
  readonly stopPrice: number;
  /** The number of the extra hold that covers it; 0 when none was taken. */
  readonly holdStep: number;
  /**
   * How much more the order may need with it, which is what the extra hold holds: of a buy in minor
   * units of quote, of a sell in lots. What would need more than that is INSUFFICIENT_FUNDS (FUND-3).
   */
  readonly extraHold: bigint;
};

/** Cancels an order and places another, or does neither: the new one is checked first. */
export type ReplaceCommand = Omit<PlaceCommand, "kind"> & {
  readonly kind: "REPLACE";
  /** The order that ends. */
  readonly replaced: OrderId;
};

/** Ends the live orders of an account in the order they came. */
export type CancelAllCommand = {
  readonly kind: "CANCEL_ALL";
  /** 0 is every market. */
  readonly market: number;
  readonly account: number;
  /** Only the orders of a session; 0 is all. */
  readonly session: number;
};

/** Ends the GTD orders whose time has come at the batch's time, by time and then by arrival. */
type ExpireCommand = { readonly kind: "EXPIRE" };
