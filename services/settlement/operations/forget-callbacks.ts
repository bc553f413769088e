import { CALLBACK_KEPT_DAYS, PRUNE_BATCH_ROWS } from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import { deleteCallbacks } from "../store/callbacks.ts";

/** Removes call-backs that were applied long ago, in small bites. */
export async function forgetCallbacks(
  { db }: Pick<Settlement, "db">,
  signal: AbortSignal,
): Promise<void> {
  const bite = { keptDays: CALLBACK_KEPT_DAYS, most: PRUNE_BATCH_ROWS };
  while (!signal.aborted && (await deleteCallbacks(db.sql, bite)) === PRUNE_BATCH_ROWS);
}
