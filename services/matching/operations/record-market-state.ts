import type { Matching } from "../context.ts";
import { marketChanged } from "../events.ts";
import { saveMarketState, type StateChange } from "../store/market-state.ts";
import type { Tx } from "../store/tables.ts";
import { toMarket } from "./market-message.ts";

/**
 * Notes in a transaction that a market is in another state, and tells everybody; nothing when that
 * was known already.
 */
export async function recordMarketState(
  { markets }: Pick<Matching, "markets">,
  tx: Tx,
  change: StateChange,
): Promise<void> {
  const updatedMs = await saveMarketState(tx, change);
  const listed = markets.find(change.symbol);
  if (updatedMs === undefined || listed === undefined) return;
  const changed = { ...listed, state: change.state, updatedMs };
  markets.put(changed); // the books know it already
  await marketChanged(tx, toMarket(changed), change.reason);
}
