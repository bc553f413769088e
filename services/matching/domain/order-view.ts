import type { NewOrder, OrderId } from "./command.ts";
import type { OrderFacts } from "./event.ts";

/** A live order, in full. */
export type OrderView = OrderFacts &
  Pick<
    NewOrder,
    | "type"
    | "timeInForce"
    | "lots"
    | "stopPrice"
    | "isPostOnly"
    | "stp"
    | "expireMs"
    | "visibleLots"
    | "clientKey"
  > & {
    readonly market: number;
    readonly session: number;
    readonly amends: number;
    /** Whether it is a stop that was not triggered yet. */
    readonly isWaiting: boolean;
    /** The other leg of an OCO; "" for a lone order. */
    readonly sibling: OrderId;
  };
