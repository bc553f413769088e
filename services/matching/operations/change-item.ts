import { hash } from "node:crypto";
import { type OrderItem, OrderItemSchema } from "#gen/mizan/matching/v1/order_service_pb.ts";
import type { IdempotentCall } from "#mesh/idempotent-call.ts";
import { hexOf } from "#mesh/ids.ts";
import { canonicalBytes } from "#mesh/interceptors/canonical.ts";
import type { OrderId } from "../domain/command.ts";
import type { Bounds } from "../writer/submission.ts";
import { amendWork, changesNeed } from "./amend-order.ts";
import { cancelWork } from "./cancel-order.ts";
import { changeWork } from "./change-work.ts";
import type { OrderMeans } from "./order-means.ts";
import type { Placed, Who } from "./placed.ts";
import { reduceWork } from "./reduce-order.ts";
import type { Step } from "./works.ts";

/** The orders that a batch places, by what the client calls them. */
export type Names = Map<string, { readonly order: OrderId; readonly market: number }>;

/** The name of an order among those of a batch. */
export function nameOf(named: { readonly market: string; readonly clientOrderId: string }): string {
  return `${named.market}/${named.clientOrderId}`;
}

type Changing = { readonly who: Who; readonly bounds: Bounds; readonly names: Names };

/** The step of an item that changes an order; it is prepared when what comes before it is applied. */
export function changeStep(means: OrderMeans, item: OrderItem, changing: Changing): Step<Placed> {
  const { who, bounds, names } = changing;
  const { action } = item;
  switch (action.case) {
    case "cancel": {
      const target = action.value;
      const own = target.orderId === "" ? names.get(nameOf(target)) : undefined;
      if (own === undefined) {
        const later = async () => cancelWork(means, target, who);
        return { later, ...(target.orderId !== "" && { order: hexOf(target.orderId) }) };
      }
      const named = { orderId: "", market: target.market, clientOrderId: target.clientOrderId };
      const cancelling = { target: named, who, reason: "NOT_CANCELLABLE" as const };
      return changeWork(means, cancelling, { kind: "CANCEL", account: 0, ...own });
    }
    case "reduce": {
      const reduction = action.value;
      const order = hexOf(reduction.orderId);
      return { order, later: async () => reduceWork(means, reduction, who) };
    }
    case "amend": {
      const amendment = action.value;
      const order = hexOf(amendment.orderId);
      const later = async () => amendWork(means, amendment, who, bounds);
      return { order, isAmended: changesNeed(amendment), later };
    }
    default:
      throw new TypeError("an item that changes nothing");
  }
}

/** The call that an item stands for: one that comes again has no second effect. */
export function callOf(item: OrderItem, { accountId }: Who): IdempotentCall {
  const { requestId: key } = item; // which the hash has too: it is the same for the same key
  const bytes = canonicalBytes(OrderItemSchema, item);
  const method = "mizan.matching.v1.OrderService/PlaceOrders";
  const digest = hash("sha256", bytes, "buffer");
  return { principal: accountId, method, key, hash: digest, replayed: false };
}
