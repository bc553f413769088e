import { type SteadyJob, steadily } from "#mesh/jobs/steadily.ts";
import { TRIGGERS_IDLE_MS } from "#mesh/limits.ts";
import { fireTriggers } from "../operations/fire-triggers.ts";
import type { OrderMeans } from "../operations/order-means.ts";

/** Fires triggers soon after the trades that set them off: each trade leaves by an event. */
export const triggersJob = (means: OrderMeans): SteadyJob =>
  steadily("triggers", TRIGGERS_IDLE_MS, async (signal) => fireTriggers(means, signal));
