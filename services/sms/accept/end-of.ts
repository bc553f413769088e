import { ABANDON_MARGIN_MS, LEAST_ENDURANCE_MS } from "#mesh/limits.ts";
import type { Terms } from "../context.ts";
import type { Stored } from "./store-orders.ts";

/**
 * Until when it is tried to bring stored orders to their end, in epoch milliseconds: as long as any
 * of the callers waits and a moment at least, and surely not when the sweeper may give up (MON-4).
 */
export function endOf({ abandonMs }: Pick<Terms, "abandonMs">, orders: readonly Stored[]): number {
  let lastMs = Date.now() + LEAST_ENDURANCE_MS;
  let firstMs = Infinity;
  for (const { draft, acceptedAtMs } of orders) {
    lastMs = Math.max(lastMs, draft.order.endMs);
    firstMs = Math.min(firstMs, acceptedAtMs);
  }
  return Math.min(lastMs, firstMs + abandonMs - ABANDON_MARGIN_MS);
}
