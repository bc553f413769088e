import { toLots } from "../domain/units.ts";
import { fail } from "../errors.ts";
import type { Bounds } from "../writer/submission.ts";
import { changeOne } from "./change-one.ts";
import { type Changing, changeWork, liveOrder } from "./change-work.ts";
import type { OrderMeans } from "./order-means.ts";
import type { Placed, Who } from "./placed.ts";
import type { Work } from "./works.ts";

/** What is to be taken off which order, as a decimal of the base asset. */
export type Reduction = { readonly orderId: string; readonly size: string };

/** Takes lots off an order. Throws as `reduceWork` does. */
export async function reduceOrder(
  means: OrderMeans,
  reduction: Reduction,
  who: Who,
  bounds: Bounds,
): Promise<Placed> {
  return changeOne(means, async () => reduceWork(means, reduction, who), bounds);
}

/**
 * The work that takes lots off an order. Throws UNKNOWN_ORDER, NOT_AMENDABLE, and WRONG_SIZE for what
 * is no positive number of whole lots.
 */
export async function reduceWork(
  means: OrderMeans,
  { orderId, size }: Reduction,
  who: Who,
): Promise<Work<Placed>> {
  const changing: Changing = { target: { orderId }, who, reason: "NOT_AMENDABLE" };
  const { market, order } = await liveOrder(means, changing);
  const lots = toLots(size, means.markets.byNumber(market)!.units.lot);
  if (lots === undefined || lots < 1) throw fail("WRONG_SIZE", { size: size.slice(0, 80) });
  return changeWork(means, changing, { kind: "REDUCE", market, account: 0, order, lots });
}
