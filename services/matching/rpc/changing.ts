import type { ServiceImpl } from "@connectrpc/connect";
import {
  AmendOrderResponseSchema,
  CancelAllOrdersResponseSchema,
  CancelOrderResponseSchema,
  type OrderService,
  ReduceOrderResponseSchema,
} from "#gen/mizan/matching/v1/order_service_pb.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { amendOrder } from "../operations/amend-order.ts";
import { cancelAllOrders } from "../operations/cancel-all-orders.ts";
import { cancelOrder } from "../operations/cancel-order.ts";
import type { OrderMeans } from "../operations/order-means.ts";
import { reduceOrder } from "../operations/reduce-order.ts";
import { showChanged } from "../operations/change-work.ts";
import { boundsOf, whoOf } from "./order-requests.ts";

type Changing = Pick<
  ServiceImpl<typeof OrderService>,
  "cancelOrder" | "cancelAllOrders" | "reduceOrder" | "amendOrder"
>;

/** The methods of OrderService that change orders and end them. */
export const changing = (means: OrderMeans): Changing => ({
  cancelOrder: async (asked, call) =>
    means.replies.once(
      call.values.get(callKey),
      CancelOrderResponseSchema,
      async (request) => {
        const who = { ...whoOf(call), request };
        const { order } = await cancelOrder(means, asked, who, boundsOf(call));
        return { order };
      },
      async (changed) => ({ order: (await showChanged(means, changed, whoOf(call))).order }),
    ),
  cancelAllOrders: async ({ market }, call) =>
    means.replies.once(
      call.values.get(callKey),
      CancelAllOrdersResponseSchema,
      async (request) => {
        const who = { ...whoOf(call), request };
        return { cancelledCount: await cancelAllOrders(means, who, market, boundsOf(call)) };
      },
      async ({ ended }) => ({ cancelledCount: ended }),
    ),
  reduceOrder: async (asked, call) =>
    means.replies.once(
      call.values.get(callKey),
      ReduceOrderResponseSchema,
      async (request) => {
        const who = { ...whoOf(call), request };
        const { order } = await reduceOrder(means, asked, who, boundsOf(call));
        return { order };
      },
      async (changed) => ({ order: (await showChanged(means, changed, whoOf(call))).order }),
    ),
  amendOrder: async (asked, call) =>
    means.replies.once(
      call.values.get(callKey),
      AmendOrderResponseSchema,
      async (request) => {
        const who = { ...whoOf(call), request };
        const { order, fills } = await amendOrder(means, asked, who, boundsOf(call));
        return { order, fills: [...fills] };
      },
      async (changed) => ({ order: (await showChanged(means, changed, whoOf(call))).order }),
    ),
});
