import type { Job } from "#mesh/jobs/loop.ts";
import { type SteadyJob, steadily } from "#mesh/jobs/steadily.ts";
import { CALLBACKS_IDLE_MS, PRUNE_EVERY_MS } from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import { applyCallbacks } from "../operations/apply-callbacks.ts";
import { forgetCallbacks } from "../operations/forget-callbacks.ts";

/** Applies what the hooks have stored. */
export const callbacksJob = (settlement: Settlement): SteadyJob =>
  steadily("callbacks", CALLBACKS_IDLE_MS, async () => applyCallbacks(settlement));

/** Keeps applied call-backs from piling up. */
export const forgetCallbacksJob = (settlement: Settlement): Job => ({
  name: "forget-callbacks",
  everyMs: PRUNE_EVERY_MS,
  run: async (signal) => forgetCallbacks(settlement, signal),
});
