import type { Connection } from "#mesh/database/connection.ts";
import type { Report } from "../domain/fold/fault.ts";
import { findEnd } from "../store/audit-books.ts";
import {
  type Comparison,
  compareAccountsAfter,
  compareEnds,
  compareLists,
  compareSums,
} from "./compare.ts";
import { compareIds } from "./compare-ids.ts";
import { compareCustody, type CustodySource } from "./custody.ts";
import type { Pace } from "./pace.ts";
import { learnOn, readOn } from "./read-on.ts";
import { createRemade, type Remade } from "./remade.ts";
import { atOneMoment } from "./snapshot.ts";

/** What a pass works with. */
export type PassMeans = {
  readonly connection: Connection;
  readonly shard: number;
  readonly pace: Pace;
  readonly custody: readonly CustodySource[];
};

/** Whom a pass tells. */
export type PassListener = {
  readonly report: Report;
  /** Is called between two pages, with how far the pass is; what is slow in it slows it down. */
  readonly between: (progress: PassProgress) => Promise<void>;
};

/** How far a pass is. */
export type PassProgress = {
  readonly checkedSeq: number;
  /** The transfer that was the last one when the pass began, or as far as it has come. */
  readonly asOfSeq: number;
  readonly checkedAccounts: number;
};

/**
 * Makes the books of a shard anew from nothing but its transfers, and compares all that is stored
 * with them. Returns them: what is new can be added to them.
 */
export async function runPass(means: PassMeans, listener: PassListener): Promise<Remade> {
  const { connection, shard, pace, custody } = means;
  const { report } = listener;
  const remade = createRemade();
  const goal = await findEnd(connection, shard);
  const between = async (checkedAccounts: number) => {
    const checkedSeq = remade.fold.lastSeq;
    const asOfSeq = Math.max(goal.lastSeq, checkedSeq);
    await listener.between({ checkedSeq, asOfSeq, checkedAccounts });
    await pace.rest();
  };
  await learnOn(connection, remade);
  const reading = { connection, report, isHurried: pace.isHurried };
  await readOn(remade, { ...reading, between: async () => between(0) });
  const comparison = { connection, remade, report };
  const end = await atOneMoment(connection, async () => {
    await readOn(remade, { ...reading, between: async () => {} }); // what came since: a few
    return compareAll(comparison, shard);
  });
  const untilUs = Math.max(end.lastAtUs, remade.cursorUs);
  await compareIds(comparison, { untilUs, rest: async () => between(end.accounts) });
  await compareCustody(comparison, custody);
  await between(end.accounts);
  return remade;
}

async function compareAll(comparison: Comparison, shard: number) {
  const end = await findEnd(comparison.connection, shard);
  await compareEnds(comparison, shard, end);
  const { count } = await compareAccountsAfter(comparison, 0, Infinity);
  await compareLists(comparison);
  await compareSums(comparison);
  return { lastAtUs: end.lastAtUs, accounts: count };
}
