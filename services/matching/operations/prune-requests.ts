import { PRUNE_BATCH_ROWS } from "#mesh/limits.ts";
import type { Matching } from "../context.ts";
import { pruneChanged } from "../store/changed-requests.ts";

/** Forgets requests that are older than answers have to be kept (IDEM-5), in small bites. */
export async function pruneRequests(
  { db }: Pick<Matching, "db">,
  signal: AbortSignal,
): Promise<void> {
  let removed = PRUNE_BATCH_ROWS;
  while (removed === PRUNE_BATCH_ROWS && !signal.aborted) removed = await pruneChanged(db.sql);
}
