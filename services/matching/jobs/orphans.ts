import type { Job } from "#mesh/jobs/loop.ts";
import { ORPHANS_EVERY_MS } from "#mesh/limits.ts";
import type { Funds } from "../funds/funds.ts";

/** Gives up holds that no order needs (FUND-8). */
export const orphansJob = ({ sweepOrphans }: Pick<Funds, "sweepOrphans">): Job => ({
  name: "orphans",
  everyMs: ORPHANS_EVERY_MS,
  run: async (signal) => sweepOrphans(signal),
});
