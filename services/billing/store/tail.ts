import type { Connection } from "#mesh/database/connection.ts";
import { hexOf } from "#mesh/ids.ts";
import { LOAD_CHUNK_ROWS } from "#mesh/limits.ts";
import type { OpenedAccount } from "../domain/follow.ts";
import type { StoredTransfer } from "../domain/transfer.ts";
import { fromTransferRow, type TransferRow } from "./transfer-row.ts";

/** Reads the accounts after a slot, by slot. */
export async function readOpenedAccounts(
  connection: Connection,
  afterSlot: number,
): Promise<OpenedAccount[]> {
  const opened: OpenedAccount[] = [];
  for (;;) {
    const rows = await connection.query<OpenedRow>(
      `select slot, id, ledger, code, user_data, created_at_us, flags from account
        where slot > $1 order by slot limit $2`,
      [opened.at(-1)?.slot ?? afterSlot, LOAD_CHUNK_ROWS],
    );
    for (const row of rows) opened.push(fromOpenedRow(row));
    if (rows.length < LOAD_CHUNK_ROWS) return opened;
  }
}

type OpenedRow = {
  slot: number;
  id: string;
  ledger: number;
  code: number;
  user_data: string;
  created_at_us: number;
  flags: number;
};

function fromOpenedRow(row: OpenedRow): OpenedAccount {
  const { slot, ledger, code, flags, created_at_us: createdAtUs } = row;
  return {
    slot,
    id: hexOf(row.id),
    ledger,
    code,
    userData: hexOf(row.user_data),
    createdAtUs,
    flags,
  };
}

/** A stretch of time, the first moment not included, in microseconds since 1970. */
export type Span = { readonly afterUs: number; readonly untilUs: number };

/**
 * Reads the transfers of a time in their order, so many at most. How a pending transfer ended and
 * whether a transfer was reverted is not looked up: later rows tell.
 */
export async function readTransfers(
  connection: Connection,
  { afterUs, untilUs }: Span,
  limit: number,
): Promise<StoredTransfer[]> {
  const rows = await connection.query<TransferRow>(
    `select t.*,
        case when t.pending_at_us is not null then (
          select p.id from transfer p where p.at_us = t.pending_at_us
        ) end as pending_id,
        case when t.kind = 2 then (
          select r.reference from transfer_reference r where r.at_us = t.at_us
        ) end as reference,
        null as reverts_id, null as reverted_at_us, null as resolving_kind
      from transfer t where t.at_us > $1 and t.at_us <= $2 order by t.at_us limit $3`,
    [afterUs, untilUs, limit],
  );
  return rows.map(fromTransferRow);
}
