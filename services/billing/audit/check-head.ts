import type { Connection } from "#mesh/database/connection.ts";
import { AUDIT_HEAD_ACCOUNTS } from "#mesh/limits.ts";
import type { Report } from "../domain/fold/fault.ts";
import { findEnd } from "../store/audit-books.ts";
import { compareAccountsAfter, compareEnds } from "./compare.ts";
import { readOn } from "./read-on.ts";
import type { Remade } from "./remade.ts";
import { atOneMoment } from "./snapshot.ts";

/** The books as the pass before has made them, kept up to date while the next pass is under way. */
export type Head = {
  readonly remade: Remade;
  /** After which account the next ones to compare are. */
  afterSlot: number;
};

/**
 * Adds what is new to the books, and compares the next accounts with them: what was committed since
 * the last look, and what somebody has changed of an account, is found long before a pass has gone
 * through all transfers.
 */
export async function checkHead(
  connection: Connection,
  shard: number,
  head: Head,
  report: Report,
): Promise<void> {
  const { remade } = head;
  const comparison = { connection, remade, report };
  const reading = { connection, report, isHurried: () => false, between: async () => {} };
  await readOn(remade, reading); // most of what is new: the moment below is to be a short one
  await atOneMoment(connection, async () => {
    const end = await findEnd(connection, shard);
    await readOn(remade, reading);
    await compareEnds(comparison, shard, end);
    const { afterSlot } = await compareAccountsAfter(
      comparison,
      head.afterSlot,
      AUDIT_HEAD_ACCOUNTS,
    );
    head.afterSlot = afterSlot;
  });
}
