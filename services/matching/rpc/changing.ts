import type { ServiceImpl } from "@connectrpc/connect";
import {
  AmendOrderResponseSchema,
  CancelAllOrdersResponseSchema,
  CancelOrderResponseSchema,
  type OrderService,
  ReduceOrderResponseSchema,
} from "#gen/mizan/matching/v1/order_service_pb.ts";
import type { HandlerContext } from "@connectrpc/connect";
import { callKey } from "#mesh/idempotent-call.ts";
import { amendOrder } from "../operations/amend-order.ts";
import { cancelAllOrders } from "../operations/cancel-all-orders.ts";
import { cancelOrder } from "../operations/cancel-order.ts";
import type { OrderMeans } from "../operations/order-means.ts";
import { reduceOrder } from "../operations/reduce-order.ts";
import { showChanged } from "../operations/show-changed.ts";
import type { ChangedRequest } from "../store/changed-requests.ts";
import type { Requested } from "../writer/submission.ts";
import { boundsOf, whoOf } from "./order-requests.ts";

type Changing = Pick<
  ServiceImpl<typeof OrderService>,
  "cancelOrder" | "cancelAllOrders" | "reduceOrder" | "amendOrder"
>;

/** The methods of OrderService that change orders and end them. */
export const changing = (means: OrderMeans): Changing => {
  const shown = (call: HandlerContext) => async (changed: ChangedRequest) => {
    const { order } = await showChanged(means, changed, whoOf(call));
    return { order };
  };
  const { once } = means.replies;
  return {
    cancelOrder: async (asked, call) => {
      const effect = async (request: Requested) => {
        const who = { ...whoOf(call), request };
        const { order } = await cancelOrder(means, asked, who, boundsOf(call));
        return { order };
      };
      return once(call.values.get(callKey), CancelOrderResponseSchema, effect, shown(call));
    },
    cancelAllOrders: async ({ market }, call) => {
      const effect = async (request: Requested) => {
        const who = { ...whoOf(call), request };
        return { cancelledCount: await cancelAllOrders(means, who, market, boundsOf(call)) };
      };
      const again = async ({ ended }: ChangedRequest) => ({ cancelledCount: ended });
      return once(call.values.get(callKey), CancelAllOrdersResponseSchema, effect, again);
    },
    reduceOrder: async (asked, call) => {
      const effect = async (request: Requested) => {
        const who = { ...whoOf(call), request };
        const { order } = await reduceOrder(means, asked, who, boundsOf(call));
        return { order };
      };
      return once(call.values.get(callKey), ReduceOrderResponseSchema, effect, shown(call));
    },
    amendOrder: async (asked, call) => {
      const effect = async (request: Requested) => {
        const who = { ...whoOf(call), request };
        const { order, fills } = await amendOrder(means, asked, who, boundsOf(call));
        return { order, fills: [...fills] };
      };
      return once(call.values.get(callKey), AmendOrderResponseSchema, effect, shown(call));
    },
  };
};
