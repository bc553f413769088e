import { type SteadyJob, steadily } from "#mesh/jobs/steadily.ts";
import { TRIGGERS_IDLE_MS } from "#mesh/limits.ts";
import type { Matching } from "../context.ts";
import { fireTriggers } from "../operations/fire-triggers.ts";
import type { PlaceFired } from "../operations/place-fired.ts";

/** Fires triggers soon after the trades that set them off: each trade leaves by an event. */
export const triggersJob = (
  matching: Pick<Matching, "db" | "markets">,
  place: PlaceFired,
): SteadyJob =>
  steadily("triggers", TRIGGERS_IDLE_MS, async (signal) => fireTriggers(matching, place, signal));
