import { boundedMap } from "#mesh/bounded-map.ts";
import { MAX_REFUSED_RELEASES, REFUSED_RELEASE_MS } from "#mesh/limits.ts";
import { uuidOf } from "#mesh/ids.ts";
import type { OwedRelease } from "../domain/owed-release.ts";
import { keyOf } from "./key-of.ts";
import type { FundsMeans } from "./means.ts";

/** Releases that the ledger refuses, which should not happen: each is an alarm, and stays owed. */
export type Refusals = {
  readonly add: (release: OwedRelease, reason: string) => void;
  /** Leaves out those that are not to be tried again yet. */
  readonly dropEarly: (owed: readonly OwedRelease[]) => OwedRelease[];
};

/** Keeps in mind when what was refused is tried again. */
export function createRefusals({ log, metrics }: Pick<FundsMeans, "log" | "metrics">): Refusals {
  const pauses = boundedMap<string, { readonly pauseMs: number; readonly dueMs: number }>(
    MAX_REFUSED_RELEASES,
  );
  const refused = metrics.counter(
    "mizan_matching_releases_refused_total",
    "Releases of holds that the ledger has refused.",
  );
  return {
    add: (release, reason) => {
      const last = pauses.get(keyOf(release))?.pauseMs ?? REFUSED_RELEASE_MS.first / 2;
      const pauseMs = Math.min(2 * last, REFUSED_RELEASE_MS.most);
      pauses.set(keyOf(release), { pauseMs, dueMs: performance.now() + pauseMs });
      refused.add({ reason });
      const { hold, step, owner, asset, minor } = release;
      log.error(
        { hold_id: uuidOf(hold), step, owner: uuidOf(owner), asset, minor, reason },
        "the ledger refuses to free what an order does not need any more",
      );
    },
    dropEarly: (owed) =>
      owed.filter((release) => (pauses.get(keyOf(release))?.dueMs ?? 0) <= performance.now()),
  };
}
