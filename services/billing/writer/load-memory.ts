import type { Connection } from "#mesh/database/connection.ts";
import { createMemory, type Memory } from "../domain/memory.ts";
import { loadAccounts, type StoredAccounts } from "../store/accounts.ts";
import { findLastSeq, ledgerShard } from "../store/ledger-shard.ts";
import { loadOpenPendings } from "../store/open-pendings.ts";
import { BooksError } from "./check-books.ts";

/** Which books to load. */
export type LoadOptions = {
  readonly shard: number;
  /** How many ids memory keeps of each generation, when not the usual number. */
  readonly recentTransfers?: number;
};

/**
 * Reads the books into memory as they are at one moment, whoever writes to them. Throws a
 * BooksError when their last number is wrong, or an account is missing (WR-7).
 */
export async function loadMemory(
  connection: Connection,
  { shard, recentTransfers }: LoadOptions,
): Promise<Memory> {
  await connection.query("begin isolation level repeatable read read only");
  const { lastSeq, lastAtUs } = await ledgerShard.find(connection, shard);
  const storedSeq = await findLastSeq(connection);
  if (storedSeq !== lastSeq) {
    throw new BooksError(`the last transfer is ${storedSeq}, the shard says ${lastSeq}`);
  }
  const stored = await loadAccounts(connection);
  const openPendings = await loadOpenPendings(connection);
  await connection.query("commit");
  assertNoGap(stored);
  const ledgers = new Set<number>(); // they are read when the shard is ours
  const state = { ...stored, ledgers, openPendings, lastSeq, lastAtUs };
  return createMemory({ ...state, ...(recentTransfers && { recentTransfers }) });
}

function assertNoGap({ accounts, lastSlot }: StoredAccounts) {
  const found = accounts.reduce((sum, { count }) => sum + count, 0);
  if (found === lastSlot) return;
  throw new BooksError(`there are ${found} accounts, and the last one has the slot ${lastSlot}`);
}
