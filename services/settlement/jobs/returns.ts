import type { Job } from "#mesh/jobs/loop.ts";
import { ASK_RETURNS_EVERY_MS } from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import { askReturns } from "../operations/ask-returns.ts";

/** Asks providers about what their statements say that they have sent back, each by itself. */
export const returnJobs = (settlement: Pick<Settlement, "db" | "banks" | "metrics">): Job[] =>
  [...settlement.banks].map(([name, bank]) => ({
    name: `returns-${name}`,
    everyMs: ASK_RETURNS_EVERY_MS,
    run: async (signal) => {
      let mayBeMore = true;
      while (mayBeMore && !signal.aborted) mayBeMore = await askReturns(settlement, bank, signal);
    },
  }));
