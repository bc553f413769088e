import type { Job } from "#mesh/jobs/loop.ts";
import { POLL_IDLE_MS } from "#mesh/limits.ts";
import type { Following } from "../context.ts";
import { pollReceipts } from "../operations/poll-receipts.ts";
import { steadily } from "#mesh/jobs/steadily.ts";

/** Asks for the receipts that were not pushed, and ends what none will come for. */
export const pollsJob = (sms: Following): Job =>
  steadily("polls", POLL_IDLE_MS, async (signal) => pollReceipts(sms, signal));
