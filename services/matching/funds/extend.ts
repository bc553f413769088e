import { lastHoldStep, noteUnusedHolds } from "../store/unused-holds.ts";
import { MAX_EXTRA_HOLDS } from "#mesh/limits.ts";
import { unusedStep } from "../domain/owed-release.ts";
import { fail } from "../errors.ts";
import type { Funds, Wanted } from "./funds.ts";
import type { FundsMeans } from "./means.ts";
import type { Releaser } from "./releaser.ts";
import type { TakeHolds } from "./take-holds.ts";
import type { UnderWay } from "./under-way.ts";

type Parts = {
  readonly means: Pick<FundsMeans, "db" | "shard" | "writer">;
  readonly take: TakeHolds;
  readonly underWay: UnderWay;
  readonly releaser: Pick<Releaser, "send">;
};

/**
 * Makes what takes extra holds. Their numbers follow one another: before the next is taken it is
 * known for good of the last one whether an amendment has used it, so that after a crash only a
 * number above those can be an orphan.
 */
export function createExtend({ means, take, underWay, releaser }: Parts): Funds["extend"] {
  const { db, shard, writer } = means;
  const noteUnused = async ({ order: hold, ...back }: Wanted, step: number, isHeld: boolean) => {
    const unused = { hold, step, ...(isHeld && { back }) };
    const isOurs = await noteUnusedHolds(db.sql, { shard, epoch: writer.epoch }, [unused]);
    if (isOurs && isHeld) releaser.send([{ hold, step: unusedStep(step), ...back }]);
  };
  return async (extra, use, signal) => {
    const orders = [extra.order];
    underWay.enter(orders);
    try {
      await writer.flushed(); // the rows tell which number was used last
      const step = 1 + (await lastHoldStep(db.sql, extra.order));
      if (step > MAX_EXTRA_HOLDS) throw fail("TOO_MANY_AMENDS");
      const [verdict] = await take({ wanted: [extra], step }, signal);
      if (verdict === "INSUFFICIENT_FUNDS") {
        await noteUnused(extra, step, false); // the ledger refuses this number for ever
        return undefined;
      }
      if (verdict === "DIFFERS") throw fail("ORDER_IN_PROGRESS", { order_id: extra.order }); // an orphan
      const used = await use(step);
      if (used.isRefused) await noteUnused(extra, step, true);
      return used;
    } finally {
      underWay.leave(orders);
    }
  };
}
