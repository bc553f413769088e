import { boundedMap } from "#mesh/bounded-map.ts";
import { uuidOf } from "#mesh/ids.ts";
import { MAX_SUSPECT_HOLDS } from "#mesh/limits.ts";
import type { OrderId } from "../domain/command.ts";
import { type OwedRelease, unusedStep } from "../domain/owed-release.ts";
import { addReleases } from "../store/releases.ts";
import { dropNoted, findUsedSteps, noteUnusedHolds } from "../store/unused-holds.ts";
import type { FundsMeans } from "./means.ts";
import type { Releaser } from "./releaser.ts";
import type { FoundHold, UnderWay } from "./under-way.ts";

/** Gives up those of some holds that no order needs (FUND-8): burns their ids, frees their money. */
export type GiveUp = (found: readonly FoundHold[]) => Promise<void>;

type Parts = {
  readonly means: Pick<FundsMeans, "db" | "log" | "metrics" | "shard" | "writer">;
  readonly underWay: Pick<UnderWay, "exclusively">;
  readonly releaser: Pick<Releaser, "send">;
};

/**
 * Makes what gives holds up; no call of this process is at them meanwhile. One that is found again,
 * such as by a list, is left out.
 */
export function createGiveUp({ means, underWay, releaser }: Parts): GiveUp {
  const { db, log, metrics, writer } = means;
  const orphans = metrics.counter(
    "mizan_matching_orphans_total",
    "Holds without an order that were given up.",
  );
  const over = boundedMap<string, true>(MAX_SUSPECT_HOLDS);
  const free = (owed: readonly OwedRelease[]) => {
    orphans.add({}, owed.length);
    for (const { hold, step } of owed) {
      log.warn({ hold_id: uuidOf(hold), step }, "a hold without an order is given up");
    }
    releaser.send(owed);
  };
  const orders = async (found: readonly FoundHold[]) => {
    const ended = found.filter(({ order }) => writer.engine.order(order) === undefined);
    if (ended.length === 0) return;
    const stored = await findUsedSteps(
      db.sql,
      ended.map(({ order }) => order),
    );
    const unknown = ended.filter(({ order }) => !stored.has(order));
    if (unknown.length === 0) return; // the usual case, in which no writer waits for us
    const burned = new Set(await writer.burn(unknown.map(({ order }) => order)));
    const owed = unknown
      .filter(({ order }) => burned.has(order))
      .map(({ order, owner, asset, minor }) => ({ hold: order, step: 1, owner, asset, minor }));
    if (owed.length === 0) return;
    await addReleases(db.sql, owed);
    for (const one of unknown) if (burned.has(one.order)) over.set(nameOf(one), true);
    free(owed);
  };
  const extras = async (found: readonly FoundHold[]) => {
    const unused = await unusedOf(means, found);
    if (unused.length === 0) return;
    const { shard } = means;
    const noted = unused.map(({ hold, step, owner, asset, minor }) => {
      return { hold, step, back: { owner, asset, minor } };
    });
    if (!(await noteUnusedHolds(db.sql, { shard, epoch: writer.epoch }, noted))) return;
    free(unused.map(({ step, ...owed }) => Object.assign(owed, { step: unusedStep(step) })));
  };
  return async (found) => {
    const fresh = found.filter((one) => over.get(nameOf(one)) === undefined);
    if (fresh.length === 0) return;
    await underWay.exclusively(fresh, async (some) => {
      await orders(some.filter(({ step }) => step === 0));
      await extras(some.filter(({ step }) => step > 0));
    });
  };
}

function nameOf({ order, step }: FoundHold): string {
  return `${order}/${step}`;
}

/** The extra holds whose numbers are above what their orders have used, and not noted yet. */
async function unusedOf(
  { db, writer }: Pick<FundsMeans, "db" | "writer">,
  found: readonly FoundHold[],
): Promise<OwedRelease[]> {
  if (found.length === 0) return [];
  await writer.flushed();
  const used = await findUsedSteps(db.sql, [...new Set<OrderId>(found.map(({ order }) => order))]);
  const above = found
    .filter(({ order, step }) => step > (used.get(order) ?? 0))
    .map(({ order: hold, step, owner, asset, minor }) => ({ hold, step, owner, asset, minor }));
  return above.length === 0 ? [] : dropNoted(db.sql, above);
}
