import type { Fill } from "#gen/mizan/matching/v1/trade_pb.ts";
import type { Order } from "#gen/mizan/matching/v1/order_pb.ts";
import type { NewOrder as AskedOrder } from "#gen/mizan/matching/v1/order_service_pb.ts";
import type { FieldProblem } from "#mesh/field-problems.ts";
import type { OrderId } from "../domain/command.ts";
import type { Refusal } from "../domain/event.ts";
import type { Requested } from "../writer/submission.ts";

/** An order that somebody asks for. */
export type PlaceAsk = {
  /** Its id, which follows from who asks and the name of the request. */
  readonly id: OrderId;
  /** The name of the request, as its caller has given it. */
  readonly key: string;
  readonly order: AskedOrder;
  /** The trigger that asks, as the 32 hex digits of its UUID. */
  readonly triggerId?: string;
  /** The field of the request that has the order; `order` if not said. */
  readonly within?: string;
  /** Which fields a refusal is about, where it is not about this order alone. */
  readonly problemsOf?: (reason: Refusal) => readonly FieldProblem[];
};

/** For whom orders are placed and changed. */
export type Who = {
  /** The UUID of the account. */
  readonly accountId: string;
  /** Whose end cancels the orders; 0 is nobody's. */
  readonly session: number;
  /** The request that changes orders, so that it is known when it comes again. */
  readonly request?: Requested;
};

/** An order as it is after what was asked, with its fills by that. */
export type Placed = {
  readonly order: Order;
  readonly fills: readonly Fill[];
  /** Whether it is the answer of an earlier request. */
  readonly isReplay: boolean;
};
