import { Hold_Purpose, type HoldResult } from "#gen/mizan/billing/v1/hold_pb.ts";
import { coalesce } from "#mesh/coalesce.ts";
import { newId, uuidOf } from "#mesh/ids.ts";
import { FREED_HOLDS, RELEASE_WAIT_MS } from "#mesh/limits.ts";
import { fromMinor } from "#mesh/money.ts";
import type { OrderId } from "../domain/command.ts";
import type { OwedRelease } from "../domain/owed-release.ts";
import { keyOf } from "./key-of.ts";
import { ledgerCall } from "./ledger-call.ts";
import { type FundsMeans, scaleOf } from "./means.ts";
import { createRefusals } from "./refused-releases.ts";
import { createReleasedRows } from "./released-rows.ts";
import { createWaiters } from "./waiters.ts";

/** Frees parts of holds on the ledger (FLOW-17). */
export type Releaser = AsyncDisposable & {
  /**
   * Sends releases at once, those of many callers together; one that is under way is not sent again.
   * What fails is found later by its row, which the ledger's answer deletes.
   */
  readonly send: (owed: readonly OwedRelease[]) => void;
  /** Sends those of some rows that are not under way, and not refused a short time ago. */
  readonly sendLeft: (owed: readonly OwedRelease[]) => void;
  readonly freed: (holds: readonly OrderId[]) => Promise<void>;
  /** How many are under way. */
  readonly count: () => number;
};

type Means = Pick<FundsMeans, "db" | "holds" | "log" | "markets" | "metrics" | "writer">;

/** Makes the releaser of a process. Disposing of it deletes the rows of what was answered. */
export function createReleaser(means: Means): Releaser {
  const waiters = createWaiters();
  const known = new Set<string>();
  const rows = createReleasedRows(means, (done) => {
    for (const release of done) known.delete(keyOf(release));
  });
  const refusals = createRefusals(means);
  const { add } = coalesce<readonly OwedRelease[], readonly HoldResult[]>({
    flush: async (parts) => releaseTogether(means, parts),
    maxItems: FREED_HOLDS.perCall,
    maxWaiting: FREED_HOLDS.waiting,
    maxRunning: FREED_HOLDS.running,
    sizeOf: ({ length }) => length,
  });
  const settle = (owed: readonly OwedRelease[], results: readonly HoldResult[]) => {
    const done = owed.filter((release, place) => {
      const reason = results[place]!.error?.reason;
      if (reason === undefined || reason === NEVER_HELD) return true;
      refusals.add(release, reason);
      known.delete(keyOf(release));
      return false;
    });
    rows.add(done);
  };
  const run = async (owed: readonly OwedRelease[]) => {
    try {
      settle(owed, await add(owed));
    } catch (error) {
      for (const release of owed) known.delete(keyOf(release));
      means.log.warn({ err: error, count: owed.length }, "releases are left to the next look");
    } finally {
      waiters.done(owed);
    }
  };
  const send = (owed: readonly OwedRelease[]) => {
    const fresh = owed.filter((release) => !known.has(keyOf(release)));
    for (const release of fresh) known.add(keyOf(release));
    waiters.add(fresh);
    for (let from = 0; from < fresh.length; from += FREED_HOLDS.perCall) {
      void run(fresh.slice(from, from + FREED_HOLDS.perCall));
    }
  };
  means.metrics.watch(
    "mizan_matching_releases_waiting",
    "Releases of holds that the ledger has not answered, or whose rows are not deleted.",
    () => known.size,
  );
  return {
    send,
    sendLeft: (owed) => send(refusals.dropEarly(owed)),
    freed: async (holds) => waiters.wait(holds, RELEASE_WAIT_MS),
    count: () => known.size,
    [Symbol.asyncDispose]: async () => rows[Symbol.asyncDispose](),
  };
}

/** Of a hold that was never made nothing is to be freed, and now it can't be made any more. */
const NEVER_HELD = "HOLD_NOT_FOUND";

/** The results of each part; releases of other parts are no concern of it. */
async function releaseTogether(
  means: Means,
  parts: readonly (readonly OwedRelease[])[],
): Promise<(readonly HoldResult[])[]> {
  const releases = parts.flat().map(({ hold, step, asset, minor }) => ({
    holdId: uuidOf(hold),
    purpose: Hold_Purpose.ORDER,
    amount: { asset, amount: fromMinor(minor, scaleOf(means, asset)) },
    step,
  }));
  const results = await ledgerCall(releases, async (some, timeoutMs) =>
    means.holds.releaseHolds({ requestId: newId(), releases: [...some] }, { timeoutMs }),
  );
  let at = 0;
  return parts.map(({ length }) => results.slice(at, (at += length)));
}
