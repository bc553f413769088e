import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { OrderService } from "#gen/mizan/matching/v1/order_service_pb.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { orderIdOf } from "../operations/order-id.ts";
import type { OrderMeans } from "../operations/order-means.ts";
import { placeOrder } from "../operations/place-order.ts";
import { boundsOf, whoOf } from "./order-requests.ts";

type Placing = Pick<ServiceImpl<typeof OrderService>, "placeOrder">;

/** The methods of OrderService that place orders. */
export const placing = (means: OrderMeans): Placing => ({
  placeOrder: async ({ requestId: key, order }, call) => {
    const who = whoOf(call);
    const id = orderIdOf("PlaceOrder", who.accountId, key);
    const placed = await placeOrder(means, { id, key, order: order! }, who, boundsOf(call));
    const { order: shown, fills } = told(placed, call);
    return { order: shown, fills: [...fills] };
  },
});

/** The answer, of which the caller is told when it is that of an earlier call. */
function told<T extends { readonly isReplay: boolean }>(
  { isReplay, ...answer }: T,
  { values }: Pick<HandlerContext, "values">,
): Omit<T, "isReplay"> {
  const key = values.get(callKey);
  if (isReplay && key !== undefined) key.replayed = true;
  return answer;
}
