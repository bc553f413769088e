import type { Job } from "#mesh/jobs/loop.ts";
import { PRUNE_BATCH_ROWS, PRUNE_EVERY_MS } from "#mesh/limits.ts";
import type { Matching } from "../context.ts";
import { pruneChanged } from "../store/changed-requests.ts";

/** Keeps the requests that have changed something from piling up, in small bites. */
export const pruneRequestsJob = ({ db }: Pick<Matching, "db">): Job => ({
  name: "prune-requests",
  everyMs: PRUNE_EVERY_MS,
  run: async (signal) => {
    let removed = PRUNE_BATCH_ROWS;
    while (removed === PRUNE_BATCH_ROWS && !signal.aborted) removed = await pruneChanged(db.sql);
  },
});
