import type { Bounds } from "../writer/submission.ts";
import { changeOne } from "./change-one.ts";
import type { OrderMeans } from "./order-means.ts";
import { type Changing, changeWork, liveOrder } from "./change-work.ts";
import type { Target } from "./find-target.ts";
import type { Placed, Who } from "./placed.ts";
import type { Work } from "./works.ts";

/** Ends an order. Throws UNKNOWN_ORDER, and NOT_CANCELLABLE when it has ended. */
export async function cancelOrder(
  means: OrderMeans,
  target: Target,
  who: Who,
  bounds: Bounds,
): Promise<Placed> {
  return changeOne(means, async () => cancelWork(means, target, who), bounds);
}

/** The work that ends an order. Throws UNKNOWN_ORDER, and NOT_CANCELLABLE when it has ended. */
export async function cancelWork(
  means: OrderMeans,
  target: Target,
  who: Who,
): Promise<Work<Placed>> {
  const changing: Changing = { target, who, reason: "NOT_CANCELLABLE" };
  const { market, order } = await liveOrder(means, changing);
  return changeWork(means, changing, { kind: "CANCEL", market, account: 0, order });
}
