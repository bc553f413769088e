import type { NewOrder, OrderId } from "./command.ts";
import type { OrderFacts } from "./event.ts";
import type { FeeRates } from "./money.ts";

/** What becomes of an order; the last five are ends. */
export type OrderState =
  | "PENDING_TRIGGER"
  | "NEW"
  | "PARTIALLY_FILLED"
  | "FILLED"
  | "CANCELLED"
  | "EXPIRED"
  | "EXPIRED_IN_MATCH"
  | "REJECTED";

/** An order as its owner sees it: prices in ticks, quantities in lots; 0 and "" are none. */
export type OrderRecord = Pick<
  NewOrder,
  | "side"
  | "type"
  | "timeInForce"
  | "stp"
  | "isPostOnly"
  | "price"
  | "reservePrice"
  | "stopPrice"
  | "quoteMinor"
  | "lots"
  | "visibleLots"
  | "expireMs"
> &
  Pick<OrderFacts, "remaining" | "filledLots" | "filledUnits" | "takerLots" | "takerUnits"> & {
    readonly id: OrderId;
    /** The UUID of its owner. */
    readonly accountId: string;
    /** The symbol of the market. */
    readonly market: string;
    readonly clientOrderId: string;
    /** The hash of what was asked for, as hex digits. */
    readonly requestHash: string;
    readonly linked: OrderId;
    readonly trigger: string;
    readonly rates: FeeRates;
    readonly state: OrderState;
    /** Why it has ended without being filled, or was rejected. */
    readonly reason: string;
    readonly preventedLots: number;
    /** In minor units of quote. */
    readonly feeMinor: bigint;
    /** What is held for it, in minor units of the asset that it gives. */
    readonly heldMinor: bigint;
    /** The number of the market's event that has changed it last. */
    readonly seq: number;
    /** By when it came among all orders. */
    readonly place: number;
    readonly createdMs: number;
    readonly updatedMs: number;
  };

/** Whether an order is over. */
export function hasEnded({ state }: Pick<OrderRecord, "state">): boolean {
  return state !== "PENDING_TRIGGER" && state !== "NEW" && state !== "PARTIALLY_FILLED";
}

/** One side of a trade, as the owner of the order sees it. */
export type FillRecord = {
  readonly market: string;
  readonly tradeId: number;
  readonly order: OrderId;
  readonly clientOrderId: string;
  readonly side: NewOrder["side"];
  readonly price: number;
  readonly lots: number;
  readonly feeMinor: bigint;
  readonly isTaker: boolean;
  /** How much of the order is open after it. */
  readonly openLots: number;
  readonly atMs: number;
};
