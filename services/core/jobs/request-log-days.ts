import type { Job } from "#mesh/jobs/loop.ts";
import { REQUEST_LOG_DAYS_MS } from "#mesh/limits.ts";
import type { Core } from "../context.ts";
import { dropRequestLogDays } from "../operations/drop-request-log-days.ts";
import { makeRequestLogDays } from "../operations/make-request-log-days.ts";

/** Makes the days of the request log that come, and drops those that are kept for long enough. */
export const requestLogDaysJob = (core: Core, keptDays: number): Job => ({
  name: "request-log-days",
  everyMs: REQUEST_LOG_DAYS_MS,
  run: async () => {
    await makeRequestLogDays(core);
    await dropRequestLogDays(core, keptDays);
  },
});
