import type { Connection } from "#mesh/database/connection.ts";
import { LOAD_CHUNK_ROWS } from "#mesh/limits.ts";
import type { StoredTransfer } from "../domain/transfer.ts";
import { fromTransferRow, type TransferRow } from "./transfer-row.ts";

/** Reads all pending transfers that nothing has resolved yet, oldest first. */
export async function loadOpenPendings(connection: Connection): Promise<StoredTransfer[]> {
  const pendings: StoredTransfer[] = [];
  for (;;) {
    const after = pendings.at(-1)?.atUs ?? 0;
    const rows = await connection.query<TransferRow>(selectOpen, [after, LOAD_CHUNK_ROWS]);
    for (const row of rows) pendings.push(fromTransferRow(row));
    if (rows.length < LOAD_CHUNK_ROWS) return pendings;
  }
}

/** Nothing has resolved or reverted them, and they resolve nothing. Each is found by its time. */
const selectOpen = `
  select t.*, null as pending_id, null as reverts_id, null as reverted_at_us,
      null as resolving_kind,
      (select s.reference from transfer_reference s where s.at_us = t.at_us) as reference
    from (select at_us from pending_open where at_us > $1 order by at_us limit $2) open
    cross join lateral (select * from transfer where at_us = open.at_us offset 0) t
    order by open.at_us`;
