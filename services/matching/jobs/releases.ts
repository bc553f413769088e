import type { Job } from "#mesh/jobs/loop.ts";
import { LEFT_RELEASES_EVERY_MS } from "#mesh/limits.ts";
import type { Funds } from "../funds/funds.ts";

/** Frees what was left to free of holds, such as after a crash or while the ledger was away. */
export const releasesJob = (funds: Pick<Funds, "releaseLeft">): Job => ({
  name: "releases",
  everyMs: LEFT_RELEASES_EVERY_MS,
  run: async () => funds.releaseLeft(),
});
