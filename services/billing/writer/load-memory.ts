import type { Connection } from "#mesh/database/connection.ts";
import { createMemory, type Memory } from "../domain/memory.ts";
import { loadAccounts } from "../store/accounts.ts";
import { findHolding, findLastSeq } from "../store/ledger-shard.ts";
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
 * BooksError when their last number is wrong (WR-7).
 */
export async function loadMemory(
  connection: Connection,
  { shard, recentTransfers }: LoadOptions,
): Promise<Memory> {
  await connection.query("begin isolation level repeatable read read only");
  const { lastSeq, lastAtUs } = await findHolding(connection, shard);
  const storedSeq = await findLastSeq(connection);
  if (storedSeq !== lastSeq) {
    throw new BooksError(`the last transfer is ${storedSeq}, the shard says ${lastSeq}`);
  }
  const [accounts, openPendings] = [
    await loadAccounts(connection),
    await loadOpenPendings(connection),
  ];
  await connection.query("commit");
  const lastSlot = accounts.at(-1)?.slot ?? 0;
  const ledgers = new Set<number>(); // they are read when the shard is ours
  const state = { ledgers, accounts, openPendings, lastSeq, lastAtUs, lastSlot };
  return createMemory({ ...state, ...(recentTransfers && { recentTransfers }) });
}
