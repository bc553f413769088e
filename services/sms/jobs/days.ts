import type { Job } from "#mesh/jobs/loop.ts";
import { DAYS_EVERY_MS } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import { dropOldDays } from "../operations/drop-old-days.ts";
import { makeDays } from "../operations/make-days.ts";

/** Makes the days that come, and drops those that are over and done with. */
export const daysJob = (sms: Sms): Job => ({
  name: "days",
  everyMs: DAYS_EVERY_MS,
  run: async () => {
    await makeDays(sms);
    await dropOldDays(sms);
  },
});
