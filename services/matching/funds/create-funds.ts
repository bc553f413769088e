import { createExtend } from "./extend.ts";
import type { Funds } from "./funds.ts";
import { createGiveUp } from "./give-up.ts";
import { createLeftReleases } from "./left-releases.ts";
import type { FundsMeans } from "./means.ts";
import { createSweep } from "./orphans.ts";
import { createPlacing } from "./placing.ts";
import { createReleaser } from "./releaser.ts";
import { createSerially } from "./serially.ts";
import { createTakeHolds } from "./take-holds.ts";
import { createUnderWay } from "./under-way.ts";

/**
 * Looks after the money of orders in the process that writes: from here on it sends what batches
 * free (FLOW-17). `nowMs` is for tests.
 */
export function createFunds(means: FundsMeans, nowMs: () => number = Date.now): Funds {
  const underWay = createUnderWay(nowMs, means.orphanAgeMs);
  const take = createTakeHolds(means);
  const releaser = createReleaser(means);
  const giveUp = createGiveUp({ means, underWay, releaser });
  const batches = means.writer.onBatch(({ releases }) => releaser.send(releases));
  return {
    placing: createPlacing(take, underWay),
    serially: createSerially(),
    extend: createExtend({ means, take, underWay, releaser }),
    freed: releaser.freed,
    releaseLeft: createLeftReleases(means, releaser),
    sweepOrphans: createSweep({ means, underWay, giveUp, nowMs }),
    [Symbol.asyncDispose]: async () => {
      batches[Symbol.dispose]();
      await releaser[Symbol.asyncDispose]();
    },
  };
}
