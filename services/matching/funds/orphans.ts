import { type Timestamp, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { Hold_Purpose } from "#gen/mizan/billing/v1/hold_pb.ts";
import type { ListedHold } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { hexOf } from "#mesh/ids.ts";
import { MAX_PAGE_SIZE, ORPHAN_LOOK_BACK_MS, ORPHAN_PAGES } from "#mesh/limits.ts";
import { toMinor } from "#mesh/money.ts";
import { findSweepStart, saveSweep } from "../store/orphan-sweep.ts";
import { type FundsMeans, scaleOf } from "./means.ts";
import type { GiveUp } from "./give-up.ts";
import type { FoundHold, UnderWay } from "./under-way.ts";

type Parts = {
  readonly means: Pick<
    FundsMeans,
    "db" | "holds" | "markets" | "metrics" | "orphanAgeMs" | "shard" | "writer"
  >;
  readonly underWay: Pick<UnderWay, "oldestMs" | "ripe">;
  readonly giveUp: GiveUp;
  readonly nowMs: () => number;
};

/** Looks for orphans once: a bounded number of pages. */
export type SweepOrphans = (signal: AbortSignal) => Promise<void>;

/**
 * Makes what gives up holds that no order needs (FUND-8), whether calls of this process have left
 * them behind or processes that have crashed: it compares the holds on the ledger with the orders
 * here, since only the ledger knows what a hold holds. It begins ten minutes before the last batch of
 * the process before, or before where that one had come to, whichever is earlier. Young holds are
 * left for a while, so that who has got no answer may ask again.
 */
export function createSweep({ means, underWay, giveUp, nowMs }: Parts): SweepOrphans {
  const { db, holds, metrics, orphanAgeMs, shard, writer } = means;
  const lag = metrics.gauge(
    "mizan_matching_orphans_lag_seconds",
    "Up to how long ago holds were compared with orders, but for the youngest minute.",
  );
  const startMs = nowMs();
  let list: List | undefined; // the one that is being gone through
  let reached: Timestamp | undefined;
  const page = async (of: List): Promise<List | undefined> => {
    const { nextPageToken, holds: listed } = await holds.listHolds({
      ...of,
      purpose: Hold_Purpose.ORDER,
      pageSize: MAX_PAGE_SIZE,
    });
    await giveUp(listed.map((one) => toFound(means, one)));
    reached = nextPageToken === "" ? of.endTime : (listed.at(-1)?.createTime ?? reached);
    return nextPageToken === "" ? undefined : { ...of, pageToken: nextPageToken };
  };
  const start = async () => {
    const lookBack = { epoch: writer.epoch, lookBackMs: ORPHAN_LOOK_BACK_MS, nowMs: startMs };
    return timestampFromMs(await findSweepStart(db.sql, shard, lookBack));
  };
  return async (signal) => {
    await underWay.ripe(giveUp);
    reached ??= await start();
    const endMs = nowMs() - orphanAgeMs;
    if (list === undefined && timestampMs(reached) >= endMs) return;
    list ??= { startTime: reached, endTime: timestampFromMs(endMs), pageToken: "" };
    for (let pages = 0; list !== undefined && !signal.aborted; pages++) {
      const isBehind = endMs - timestampMs(reached) > orphanAgeMs;
      if (pages >= (isBehind ? ORPHAN_PAGES.behind : ORPHAN_PAGES.usual)) break;
      list = await page(list);
    }
    await saveSweep(db.sql, shard, Math.min(timestampMs(reached), underWay.oldestMs()));
    lag.set(Math.max(0, endMs - timestampMs(reached)) / 1000);
  };
}

/** A list of holds, and the page that is next. */
type List = {
  readonly startTime: Timestamp;
  readonly endTime: Timestamp;
  readonly pageToken: string;
};

function toFound(means: Pick<FundsMeans, "markets">, listed: ListedHold): FoundHold {
  const { hold, createTime } = listed;
  const { holdId, ownerId, amount, step } = hold!;
  const { asset } = amount!;
  const scale = scaleOf(means, asset);
  const minor = toMinor(amount!.amount, scale);
  const madeMs = timestampMs(createTime!);
  return { order: hexOf(holdId), owner: hexOf(ownerId), asset, scale, minor, step, madeMs };
}
