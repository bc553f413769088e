import type { Bounds } from "../writer/submission.ts";
import type { OrderMeans } from "./order-means.ts";
import { orThrow } from "./place-order.ts";
import { type Alone, doWorks, type Work } from "./works.ts";

/** Does one change by itself. Throws what it is refused with. */
export async function changeOne<T>(
  means: OrderMeans,
  later: () => Promise<Work<T> | Alone<T>>,
  bounds: Bounds,
): Promise<T> {
  const [settled] = await doWorks<T>(means, [{ later }], bounds);
  return orThrow(settled!);
}
