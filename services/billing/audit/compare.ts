import { TransferPostedSchema } from "#gen/mizan/billing/v1/events_pb.ts";
import type { Connection } from "#mesh/database/connection.ts";
import { streamOfEvent, subjectOf } from "#mesh/events/subject.ts";
import { compareAccounts, learnAccounts } from "../domain/fold/accounts.ts";
import { numbersOf } from "../domain/fold/columns.ts";
import { checkEnd, type End } from "../domain/fold/end.ts";
import type { Report } from "../domain/fold/fault.ts";
import { compareOpen, compareReverts } from "../domain/fold/lists.ts";
import {
  findPublished,
  readAccounts,
  readOpen,
  readReverts,
  sumLedgers,
} from "../store/audit-books.ts";
import type { Remade } from "./remade.ts";

// What is stored beside the transfers, compared with what those make of it. It has to be read at one
// moment, up to which the books are made: see snapshot.ts.

/** The books, and where what is compared with them is. */
export type Comparison = {
  readonly connection: Connection;
  readonly remade: Remade;
  readonly report: Report;
};

/** The books end where they say, and so do the commits; the relay has published no more. */
export async function compareEnds(
  { connection, remade, report }: Comparison,
  shard: number,
  end: End,
): Promise<void> {
  const { fold, commits } = remade;
  const { lastSeq } = fold;
  const tell = (field: string, expected: string, found: number) => {
    report({ slot: 0, seq: lastSeq + 1, field, expected, found: String(found) });
  };
  checkEnd(fold, end, report);
  if (commits.lastSeq !== lastSeq) {
    tell("ledger_commit.last_seq", String(lastSeq), commits.lastSeq);
  }
  const source = subjectOf(TransferPostedSchema, String(shard));
  const published = await findPublished(connection, streamOfEvent(TransferPostedSchema), source);
  if (published > end.lastSeq) tell("relay_position.position", `at most ${lastSeq}`, published);
}

/** Compares about so many accounts after a slot; says how many, and after which the next ones are. */
export async function compareAccountsAfter(
  { connection, remade, report }: Comparison,
  afterSlot: number,
  most: number,
): Promise<{ readonly count: number; readonly afterSlot: number }> {
  let [count, after] = [0, afterSlot];
  while (count < most) {
    const page = await readAccounts(connection, after);
    if (page.count === 0) return { count, afterSlot: 0 };
    learnAccounts(remade.fold, page);
    compareAccounts(remade.fold, page, report);
    remade.lastSlot = Math.max(remade.lastSlot, page.last);
    [count, after] = [count + page.count, page.last];
  }
  return { count, afterSlot: after };
}

/** Compares the lists of the open pending transfers and of the reverts. */
export async function compareLists({ connection, remade, report }: Comparison): Promise<void> {
  const open = new Set<number>();
  for (let after = 0; ;) {
    const page = await readOpen(connection, after);
    if (page.count === 0) break;
    for (const atUs of numbersOf(page.columns.at_us, page.count)) open.add(atUs);
    after = page.last;
  }
  compareOpen(remade.fold, open, report);
  const reverts = new Map<number, number>();
  for (let after = 0; ;) {
    const { count, columns, last } = await readReverts(connection, after);
    if (count === 0) break;
    const originals = numbersOf(columns.original_at_us, count);
    for (const [at, atUs] of numbersOf(columns.at_us, count).entries()) {
      reverts.set(originals[at]!, atUs);
    }
    after = last;
  }
  compareReverts(remade.fold, reverts, report);
}

/** In each ledger debits are credits, posted and pending (section 8 of the ledger's rules). */
export async function compareSums({ connection, remade, report }: Comparison): Promise<void> {
  const seq = remade.fold.lastSeq;
  for (const sums of await sumLedgers(connection)) {
    const { ledger, debitsPosted, creditsPosted, debitsPending, creditsPending } = sums;
    const tell = (name: string, expected: bigint, found: bigint) => {
      if (expected === found) return;
      const texts = { expected: String(expected), found: String(found) };
      report({ slot: 0, seq, field: `ledger.${ledger}.${name}`, ...texts });
    };
    tell("credits_posted", debitsPosted, creditsPosted);
    tell("credits_pending", debitsPending, creditsPending);
  }
}
