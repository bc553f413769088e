import type { Job } from "#mesh/jobs/loop.ts";
import { RECEIPTS_IDLE_MS } from "#mesh/limits.ts";
import type { Following } from "../context.ts";
import { applyReceipts } from "../operations/apply-receipts.ts";
import { steadily } from "#mesh/jobs/steadily.ts";

/** Applies the receipts that the hooks have stored. */
export const receiptsJob = (sms: Following): Job =>
  steadily("receipts", RECEIPTS_IDLE_MS, async () => applyReceipts(sms));
