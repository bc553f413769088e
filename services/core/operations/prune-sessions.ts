import { MAX_SESSIONS_PRUNED } from "#mesh/limits.ts";
import type { Core } from "../context.ts";
import * as store from "../store/prune-sessions.ts";

/** Deletes what is left of sessions that are over, a batch at a time, until the signal ends it. */
export async function pruneSessions(core: Core, signal: AbortSignal): Promise<void> {
  let pruned = MAX_SESSIONS_PRUNED;
  while (pruned >= MAX_SESSIONS_PRUNED && !signal.aborted) {
    pruned = await store.pruneSessions(core.db.sql, MAX_SESSIONS_PRUNED);
  }
}
