import type { MarketRules, MarketState, NewOrder } from "./command.ts";
import type { Event, OrderFacts } from "./event.ts";
import type { FeeRates } from "./money.ts";

/** A live order of the naive engine. Here everything is a plain object that is changed in place. */
export type NaiveOrder = {
  readonly terms: NewOrder;
  readonly account: number;
  readonly session: number;
  readonly market: NaiveMarket;
  /** Its place among all orders that were ever accepted. */
  readonly arrival: number;
  /** In the book, waiting for its stop price, triggered and waiting for its turn, or on its way in. */
  place: "BOOK" | "STOPS" | "READY" | "NOWHERE";
  price: number;
  stopPrice: number;
  reservePrice: number;
  /** The original quantity, as amended. */
  lots: number;
  remaining: number;
  /** What of an iceberg is in the book now; of other orders all that remains. */
  shown: number;
  filledLots: number;
  filledUnits: number;
  takerLots: number;
  takerUnits: number;
  releases: number;
  amends: number;
  /** The other leg of an OCO while both are live. */
  sibling: NaiveOrder | undefined;
  hold: string;
};

/** A trade that the average price may need. */
type NaiveTrade = { readonly second: number; readonly price: number; readonly lots: number };

/** A market of the naive engine: lists in order of priority, first the best, then the oldest. */
export type NaiveMarket = {
  readonly number: number;
  rules: MarketRules;
  state: MarketState;
  seq: number;
  tradeId: number;
  /** The price of the last trade; 0 before the first. */
  last: number;
  readonly bids: NaiveOrder[];
  readonly asks: NaiveOrder[];
  /** Waiting stops, in the order they came or were last amended. */
  readonly stops: NaiveOrder[];
  /** Triggered stops that have not had their turn (BOOK-4). */
  readonly ready: NaiveOrder[];
  readonly trades: NaiveTrade[];
  /** The reference of a second, and that second. */
  reference: number;
  referenceSecond: number;
};

/** Everything that the naive engine knows. */
export type NaiveState = {
  readonly accounts: Map<number, { owner: string; group: number }>;
  readonly tiers: Map<number, FeeRates>;
  readonly markets: Map<number, NaiveMarket>;
  /** The live orders, oldest first. */
  readonly orders: Map<string, NaiveOrder>;
  /** When the orders with these client keys ended. */
  readonly endedKeys: Map<string, number>;
  /** When the orders that had a client key ended, by their ids. */
  readonly endedOrders: Map<string, number>;
  arrivals: number;
  atMs: number;
  events: Event[];
};

/** An event before it has its number. */
export type Unnumbered<E> = E extends unknown ? Omit<E, "market" | "seq"> : never;

/** Notes what happened in a market under its next number. */
export function emit(state: NaiveState, market: NaiveMarket, event: Unnumbered<Event>): void {
  market.seq++;
  state.events.push({ ...event, market: market.number, seq: market.seq });
}

/** An order as it is now. */
export function factsOf(order: NaiveOrder): OrderFacts {
  return {
    order: order.terms.order,
    account: order.account,
    side: order.terms.side,
    tier: order.terms.tier,
    price: order.price,
    reservePrice: order.reservePrice,
    quoteMinor: order.terms.quoteMinor,
    remaining: order.remaining,
    filledLots: order.filledLots,
    filledUnits: order.filledUnits,
    takerLots: order.takerLots,
    takerUnits: order.takerUnits,
    releases: order.releases,
    hold: order.hold,
  };
}

/** Counts a release of a hold; the legs of an OCO count together, since they have one. */
export function countRelease(order: NaiveOrder): void {
  order.releases = Math.max(order.releases, order.sibling?.releases ?? 0) + 1;
  if (order.sibling !== undefined) order.sibling.releases = order.releases;
}

/** The counters of an order to which nothing has happened yet. */
export const noAmounts = {
  filledLots: 0,
  filledUnits: 0,
  takerLots: 0,
  takerUnits: 0,
  releases: 0,
  amends: 0,
};

/** A market before its first order (section 6). */
export function newMarket(number: number, rules: MarketRules): NaiveMarket {
  const counters = { seq: 0, tradeId: 0, last: 0, reference: 0, referenceSecond: 0 };
  const lists = { bids: [], asks: [], stops: [], ready: [], trades: [] };
  return { number, rules, state: "PRE_OPEN", ...counters, ...lists };
}

/** Books in which nothing has happened yet. */
export function newState(): NaiveState {
  return {
    accounts: new Map(),
    tiers: new Map(),
    markets: new Map(),
    orders: new Map(),
    endedKeys: new Map(),
    endedOrders: new Map(),
    arrivals: 0,
    atMs: 0,
    events: [],
  };
}
