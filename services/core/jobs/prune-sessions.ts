import type { Job } from "#mesh/jobs/loop.ts";
import type { Core } from "../context.ts";
import { pruneSessions } from "../operations/prune-sessions.ts";

/** Deletes what is left of sessions that are over. */
export const pruneSessionsJob = (core: Core): Job => ({
  name: "prune-sessions",
  everyMs: 60_000,
  run: async (signal) => pruneSessions(core, signal),
});
