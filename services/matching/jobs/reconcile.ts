import type { Job } from "#mesh/jobs/loop.ts";
import { COMPARE_FUNDS_EVERY_MS } from "#mesh/limits.ts";
import { createCompareFunds } from "../funds/compare-funds.ts";
import type { FundsMeans } from "../funds/means.ts";

/** Compares held funds with what orders need over and over. */
export function reconcileJob(means: FundsMeans): Job {
  const compare = createCompareFunds(means);
  return {
    name: "reconcile-funds",
    everyMs: COMPARE_FUNDS_EVERY_MS,
    run: async () => void (await compare()),
  };
}
