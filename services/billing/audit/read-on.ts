import type { Connection } from "#mesh/database/connection.ts";
import { learnAccounts } from "../domain/fold/accounts.ts";
import { checkCommits } from "../domain/fold/commits.ts";
import type { Report } from "../domain/fold/fault.ts";
import { foldRows } from "../domain/fold/fold.ts";
import { foldedColumns, type FoldRows, readRows } from "../domain/fold/rows.ts";
import { findOriginals, readCommits, readFacts } from "../store/audit-books.ts";
import { sumTransferIds } from "../store/audit-ids.ts";
import { readColumns } from "../store/read-columns.ts";
import type { Remade } from "./remade.ts";

/** How to read on: from where, whom to tell, and what to do between two pages. */
export type Reading = {
  readonly connection: Connection;
  readonly report: Report;
  /** Whether the server may read a page while another one is folded. */
  readonly isHurried: () => boolean;
  readonly between: () => Promise<void>;
};

/** Reads the transfers that are new to the books, and makes the books of them too. */
export async function readOn(remade: Remade, reading: Reading): Promise<void> {
  const { connection, report, isHurried, between } = reading;
  let ahead: ReturnType<typeof readTransfers> | undefined;
  for (;;) {
    const { count, columns, lastUs } = await (ahead ?? readTransfers(connection, remade.cursorUs));
    if (count === 0) return;
    const rows = readRows({ count, columns });
    await learnNew(connection, remade, rows);
    const reads = readBesides(connection, remade, rows, lastUs);
    ahead = isHurried() ? readTransfers(connection, lastUs) : undefined;
    ahead?.catch(() => {}); // whoever awaits it hears of it
    const { ids, commits, originals } = await reads;
    foldRows(remade.fold, rows, { originals, report });
    checkCommits(remade.commits, commits, rows, report);
    remade.ids = { count: remade.ids.count + ids.count, sum: remade.ids.sum + ids.sum };
    remade.cursorUs = lastUs;
    await between();
  }
}

/** Takes in the accounts that are new to the books. */
export async function learnOn(connection: Connection, remade: Remade): Promise<void> {
  for (;;) {
    const facts = await readFacts(connection, remade.lastSlot);
    if (facts.count === 0) return;
    learnAccounts(remade.fold, facts);
    remade.lastSlot = facts.last;
  }
}

async function readTransfers(connection: Connection, afterUs: number) {
  return readColumns(connection, { afterUs }, foldedColumns);
}

async function learnNew(connection: Connection, remade: Remade, { debit, credit }: FoldRows) {
  const isNew = (slot: number) => slot > remade.lastSlot;
  if (debit.slot.some(isNew) || credit.slot.some(isNew)) await learnOn(connection, remade);
}

async function readBesides(connection: Connection, remade: Remade, rows: FoldRows, lastUs: number) {
  const { cursorUs, commits } = remade;
  const originals = [...rows.revertsAtUs].filter((atUs) => atUs !== 0);
  const [ids, found, originalsFound] = await Promise.all([
    sumTransferIds(connection, cursorUs, lastUs),
    readCommits(connection, commits.lastSeq, rows.seq.at(-1)!),
    findOriginals(connection, originals),
  ]);
  return { ids, commits: found, originals: originalsFound };
}
