import type { Job } from "#mesh/jobs/loop.ts";
import { PRUNE_EVERY_MS } from "#mesh/limits.ts";
import type { Matching } from "../context.ts";
import { pruneRequests } from "../operations/prune-requests.ts";

/** Keeps the requests that have changed something from piling up. */
export const pruneRequestsJob = ({ db }: Pick<Matching, "db">): Job => ({
  name: "prune-requests",
  everyMs: PRUNE_EVERY_MS,
  run: async (signal) => pruneRequests({ db }, signal),
});
