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
import { boundsOf, whoOf } from "./order-requests.ts";

type Changing = Pick<
  ServiceImpl<typeof OrderService>,
  "cancelOrder" | "cancelAllOrders" | "reduceOrder" | "amendOrder"
>;

/** The methods of OrderService that change orders and end them. */
export const changing = (means: OrderMeans): Changing => ({
  cancelOrder: async (request, call) =>
    means.replies.once(call.values.get(callKey), CancelOrderResponseSchema, async () => {
      const { order } = await cancelOrder(means, request, whoOf(call), boundsOf(call));
      return { order };
    }),
  cancelAllOrders: async ({ market }, call) =>
    means.replies.once(call.values.get(callKey), CancelAllOrdersResponseSchema, async () => ({
      cancelledCount: await cancelAllOrders(means, whoOf(call), market, boundsOf(call)),
    })),
  reduceOrder: async (request, call) =>
    means.replies.once(call.values.get(callKey), ReduceOrderResponseSchema, async () => {
      const { order } = await reduceOrder(means, request, whoOf(call), boundsOf(call));
      return { order };
    }),
  amendOrder: async (request, call) =>
    means.replies.once(call.values.get(callKey), AmendOrderResponseSchema, async () => {
      const { order, fills } = await amendOrder(means, request, whoOf(call), boundsOf(call));
      return { order, fills: [...fills] };
    }),
});
