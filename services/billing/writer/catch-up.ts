import type { Connection } from "#mesh/database/connection.ts";
import { LOAD_CHUNK_ROWS } from "#mesh/limits.ts";
import { follow } from "../domain/follow.ts";
import type { Memory } from "../domain/memory.ts";
import type { StoredTransfer } from "../domain/transfer.ts";
import type { Shard } from "../store/ledger-shard.ts";
import { readOpenedAccounts, readTransfers } from "../store/tail.ts";
import { BooksError } from "./check-books.ts";
import type { UsedIds } from "./used-ids.ts";

/** What a standby has in memory. */
export type Warm = { readonly memory: Memory; readonly usedIds: UsedIds };

/**
 * Takes into memory what was stored since, as far as the shard stood when it was looked at. Throws
 * a BooksError for numbers with a gap, or when the shard went back, as a restored backup does.
 */
export async function catchUp(
  connection: Connection,
  { memory, usedIds }: Warm,
  { lastSeq, lastAtUs }: Shard,
): Promise<void> {
  if (lastAtUs < memory.lastAtUs) throw new BooksError("the shard went back in time");
  while (memory.lastAtUs < lastAtUs) {
    const accounts = await readOpenedAccounts(connection, memory.lastSlot);
    const span = { afterUs: memory.lastAtUs, untilUs: lastAtUs };
    const transfers = await readTransfers(connection, span, LOAD_CHUNK_ROWS);
    assertNoGap(memory.lastSeq, transfers);
    const isAll = transfers.length < LOAD_CHUNK_ROWS;
    const untilUs = isAll ? lastAtUs : transfers.at(-1)!.atUs;
    follow(memory, { accounts, transfers, lastAtUs: untilUs });
    for (const { id } of transfers) usedIds.add(id);
  }
  if (memory.lastSeq !== lastSeq) {
    throw new BooksError(`the last transfer is ${memory.lastSeq}, the shard says ${lastSeq}`);
  }
}

function assertNoGap(lastSeq: number, transfers: readonly StoredTransfer[]) {
  const gap = transfers.findIndex(({ seq }, at) => seq !== lastSeq + 1 + at);
  if (gap >= 0) throw new BooksError(`transfer ${lastSeq + 1 + gap} is missing`);
}
