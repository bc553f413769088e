import type { ServiceImpl } from "@connectrpc/connect";
import type { OrderService } from "#gen/mizan/matching/v1/order_service_pb.ts";
import { getOrder } from "../operations/get-order.ts";
import { listFills } from "../operations/list-fills.ts";
import { listOrders } from "../operations/list-orders.ts";
import type { OrderMeans } from "../operations/order-means.ts";
import { watchOrders } from "../operations/watch-orders.ts";
import { statesOf, streamEndOf, timeOf, whoOf } from "./order-requests.ts";

type Reading = Pick<
  ServiceImpl<typeof OrderService>,
  "getOrder" | "listOrders" | "listFills" | "watchOrders"
>;

/** The methods of OrderService that show the caller's own orders. */
export const reading = (means: OrderMeans): Reading => ({
  getOrder: async (request, call) => {
    const { order, fills } = await getOrder(means, request, whoOf(call).accountId);
    return { order, fills: [...fills] };
  },
  listOrders: async ({ market, states, startTime, endTime, ...page }, call) => {
    const { accountId } = whoOf(call);
    const times = { startMs: timeOf(startTime), endMs: timeOf(endTime) };
    const filter = { accountId, market, states: statesOf(states), ...times };
    return listOrders(means, filter, page);
  },
  listFills: async ({ market, orderId, startTime, endTime, ...page }, call) => {
    const { accountId } = whoOf(call);
    const times = { startMs: timeOf(startTime), endMs: timeOf(endTime) };
    return listFills(means, { accountId, market, orderId, ...times }, page);
  },
  watchOrders: ({ market }, call) => {
    const { accountId } = whoOf(call);
    const watch = { who: accountId, signal: call.signal, endMs: streamEndOf(call) };
    return watchOrders(means, { accountId, market }, watch);
  },
});
