import type { NewOrder, OrderId } from "../domain/command.ts";
import type { FeeRates } from "../domain/money.ts";
import type { OrderState } from "../domain/order-record.ts";
import type { OwedRelease } from "../domain/owed-release.ts";

/** What of an order never changes. */
export type OrderTerms = Pick<
  NewOrder,
  | "side"
  | "type"
  | "timeInForce"
  | "stp"
  | "isPostOnly"
  | "quoteMinor"
  | "limitUnits"
  | "visibleLots"
  | "expireMs"
  | "stopPrice"
  | "lots"
> & {
  /** The 32 hex digits of its owner's UUID. */
  readonly owner: string;
  readonly market: string;
  readonly clientOrderId: string;
  readonly requestHash: string;
  readonly hold: OrderId;
  /** The other leg of a pair; undefined of a lone order. */
  readonly linked: OrderId | undefined;
  readonly triggerId: string | undefined;
  readonly rates: FeeRates;
  readonly place: number;
  readonly createdMs: number;
};

/** An order as a batch leaves it. */
export type OrderRow = {
  readonly id: OrderId;
  /** Of an order that is not stored yet. */
  terms: OrderTerms | undefined;
  /** Undefined where the batch does not change it. */
  state: OrderState | undefined;
  price: number;
  reservePrice: number;
  /** -1 where the batch does not change it. */
  stopPrice: number;
  /** Of an order that is stored already by how much it changes; so too `preventedLots`. */
  lots: number;
  remaining: number;
  filledLots: number;
  filledUnits: number;
  takerLots: number;
  takerUnits: number;
  preventedLots: number;
  /** 0 where the batch does not change it. */
  holdStep: number;
  releases: number;
  seq: number;
  updatedMs: number;
  feeMinor: bigint;
  heldMinor: bigint;
  reason: string;
};

/** A trade, with what both sides may know of it. */
export type TradeRow = {
  readonly market: string;
  readonly tradeId: number;
  readonly seq: number;
  readonly atMs: number;
  readonly lots: number;
  readonly takerOpen: number;
  readonly makerOpen: number;
  readonly price: number;
  readonly takerSide: NewOrder["side"];
  readonly takerOrder: OrderId;
  readonly makerOrder: OrderId;
  readonly buyer: string;
  readonly seller: string;
  readonly buyerFeeMinor: bigint;
  readonly sellerFeeMinor: bigint;
};

/** How far a market is. */
export type ProgressRow = {
  readonly market: string;
  readonly seq: number;
  readonly tradeId: number;
  /** How many events with trades were published. */
  readonly messages: number;
};

/** A request that has changed something, so that it has no second effect. */
export type RequestRow = {
  /** 32 hex digits; so too the hash of what was asked. */
  readonly id: string;
  readonly hash: string;
  /** The order that was changed; undefined for what concerns many. */
  readonly order: OrderId | undefined;
  /** How many orders have ended by it. */
  readonly ended: number;
  readonly atMs: number;
};

/** An event for the outbox. */
export type EventRow = {
  readonly stream: string;
  readonly eventId: string;
  readonly subject: string;
  readonly key: string;
  readonly seq?: number;
  readonly payload: Uint8Array;
};

/** The rows that some batches have led to; stored together, since an order is there once. */
export type ResultRows = {
  /** The last of the batches, and its time. */
  readonly batch: number;
  readonly atMs: number;
  readonly orders: readonly OrderRow[];
  readonly trades: readonly TradeRow[];
  readonly releases: readonly OwedRelease[];
  readonly progress: readonly ProgressRow[];
  readonly events: readonly EventRow[];
  readonly requests: readonly RequestRow[];
};
