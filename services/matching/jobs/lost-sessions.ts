import type { Job } from "#mesh/jobs/loop.ts";
import { LOST_SESSIONS_EVERY_MS } from "#mesh/limits.ts";
import { endLostSessions } from "../operations/end-lost-sessions.ts";
import type { OrderMeans } from "../operations/order-means.ts";

/** Ends, at the start above all, what the streams of a crashed process have left. */
export const lostSessionsJob = (means: OrderMeans): Job => ({
  name: "lost-sessions",
  everyMs: LOST_SESSIONS_EVERY_MS,
  run: async (signal) => endLostSessions(means, signal),
});
