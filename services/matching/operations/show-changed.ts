import { uuidOf } from "#mesh/ids.ts";
import type { ChangedRequest } from "../store/changed-requests.ts";
import { getOrder } from "./get-order.ts";
import type { OrderMeans } from "./order-means.ts";
import type { Placed, Who } from "./placed.ts";

/**
 * The order that a request has changed, as it is now, for a request that comes again after its answer
 * was lost. Which fills it has led to is not known any more; ListFills has them.
 */
export async function showChanged(
  means: OrderMeans,
  { order }: ChangedRequest,
  { accountId }: Who,
): Promise<Placed> {
  const shown = await getOrder(means, { orderId: uuidOf(order!) }, accountId);
  return { order: shown.order, fills: [], isReplay: true };
}
