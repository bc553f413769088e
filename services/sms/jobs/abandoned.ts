import type { Job } from "#mesh/jobs/loop.ts";
import { ABANDONED_IDLE_MS } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import { abandonRequests } from "../operations/abandon-requests.ts";
import { steadily } from "#mesh/jobs/steadily.ts";

/** The job that clears up after acceptances that have not ended (MON-4). */
export const abandonedJob = (sms: Sms): Job =>
  steadily("abandoned-requests", ABANDONED_IDLE_MS, async () => abandonRequests(sms));
