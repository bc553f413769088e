import { MAX_SHOWN_FILLS } from "#mesh/limits.ts";
import { readFillsOf } from "../store/read-fills.ts";
import { checkTarget, findStored, type Target } from "./find-target.ts";
import { toFill, toOrder } from "./order-message.ts";
import type { OrderMeans } from "./order-means.ts";
import type { Placed } from "./placed.ts";

/** An order of an account with its first fills. Throws UNKNOWN_ORDER. */
export async function getOrder(
  means: OrderMeans,
  target: Target,
  accountId: string,
): Promise<Omit<Placed, "isReplay">> {
  checkTarget(target);
  const found = await findStored(means, target, accountId);
  const market = means.markets.find(found.market)!;
  const fills = await readFillsOf(means.db.sql, found, MAX_SHOWN_FILLS.ofOrder);
  return { order: toOrder(found, market), fills: fills.map((fill) => toFill(fill, market)) };
}
