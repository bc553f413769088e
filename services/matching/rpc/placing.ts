import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { OrderService } from "#gen/mizan/matching/v1/order_service_pb.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { orderIdOf } from "../operations/order-id.ts";
import type { OrderMeans } from "../operations/order-means.ts";
import { placeLinkedOrders } from "../operations/place-linked-orders.ts";
import { placeOrder } from "../operations/place-order.ts";
import { placeOrders } from "../operations/place-orders.ts";
import { replaceOrder } from "../operations/replace-order.ts";
import { boundsOf, whoOf } from "./order-requests.ts";

type Placing = Pick<
  ServiceImpl<typeof OrderService>,
  "placeOrder" | "placeLinkedOrders" | "placeOrders" | "replaceOrder"
>;

/** The methods of OrderService that place orders one request at a time. */
export const placing = (means: OrderMeans): Placing => ({
  placeOrder: async ({ requestId: key, order }, call) => {
    const who = whoOf(call);
    const ask = { id: orderIdOf("PlaceOrder", who.accountId, key), key, order: order! };
    const placed = await placeOrder(means, ask, who, boundsOf(call));
    tellReplay(placed, call);
    return { order: placed.order, fills: [...placed.fills] };
  },
  placeLinkedOrders: async ({ requestId: key, ...legs }, call) => {
    const who = whoOf(call);
    const idOf = (scope: "LinkedLimit" | "LinkedStop") => orderIdOf(scope, who.accountId, key);
    const ask = {
      limit: { id: idOf("LinkedLimit"), key, order: legs.limit! },
      stop: { id: idOf("LinkedStop"), key, order: legs.stop! },
    };
    const linked = await placeLinkedOrders(means, ask, who, boundsOf(call));
    tellReplay(linked, call);
    return { limit: linked.limit, stop: linked.stop, fills: [...linked.fills] };
  },
  placeOrders: (requests, call) => {
    const { accountId } = whoOf(call);
    return placeOrders(means, requests, { accountId, signal: call.signal });
  },
  replaceOrder: async ({ requestId: key, orderId, order }, call) => {
    const who = whoOf(call);
    const id = orderIdOf("ReplaceOrder", who.accountId, key);
    const replaced = await replaceOrder(
      means,
      { id, key, order: order!, orderId },
      who,
      boundsOf(call),
    );
    tellReplay(replaced, call);
    return { order: replaced.order, fills: [...replaced.fills], replaced: replaced.replaced };
  },
});

/** Has the caller told when the answer is that of an earlier call. */
function tellReplay(
  { isReplay }: { readonly isReplay: boolean },
  { values }: Pick<HandlerContext, "values">,
): void {
  const key = values.get(callKey);
  if (isReplay && key !== undefined) key.replayed = true;
}
