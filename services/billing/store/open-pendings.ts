import type { Connection } from "#mesh/database/connection.ts";
import { LOAD_CHUNK_ROWS } from "#mesh/limits.ts";
import type { StoredTransfer } from "../domain/transfer.ts";
import { fromTransferRow, selectTransfers, type TransferRow } from "./transfer-row.ts";

/** Reads all pending transfers that nothing has resolved yet, oldest first. */
export async function loadOpenPendings(connection: Connection): Promise<StoredTransfer[]> {
  const pendings: StoredTransfer[] = [];
  for (;;) {
    const after = pendings.at(-1)?.atUs ?? 0;
    const rows = await connection.query<TransferRow>(
      `${selectTransfers} join pending_open open on open.at_us = t.at_us
        where open.at_us > $1 order by open.at_us limit $2`,
      [after, LOAD_CHUNK_ROWS],
    );
    for (const row of rows) pendings.push(fromTransferRow(row));
    if (rows.length < LOAD_CHUNK_ROWS) return pendings;
  }
}
