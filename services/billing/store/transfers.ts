import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { hexOf } from "#mesh/ids.ts";
import type { Id } from "../domain/account.ts";
import type { TransferView } from "../domain/transfer-view.ts";
import type { Tables } from "./tables.ts";
import { fromTransferRow, selectWith, type TransferRow } from "./transfer-row.ts";

/** Finds committed transfers by id, in no order. Unknown ids are left out. */
export async function findTransfers(
  { sql: db }: Database<Tables>,
  ids: readonly Id[],
): Promise<TransferView[]> {
  const found = await sql<ViewRow>`${selectViews}
    where t.at_us = any (array(
      select at_us from transfer_id where id = any (${[...ids]}::uuid[])
    ))`.execute(db);
  return found.rows.map(toView);
}

/** Reads the committed transfers of some times, newest first. */
export async function findTransfersAt(
  { sql: db }: Database<Tables>,
  atsUs: readonly number[],
): Promise<TransferView[]> {
  if (atsUs.length === 0) return [];
  const found = await sql<ViewRow>`${selectViews}
    where t.at_us = any (${[...atsUs]}::bigint[]) order by t.at_us desc`.execute(db);
  return found.rows.map(toView);
}

/** An account that is committed: its place, its ledger, and when it was opened. */
export type Place = {
  readonly slot: number;
  readonly ledger: number;
  /** Microseconds since 1970: no transfer of it is older. */
  readonly sinceUs: number;
};

/** Finds the place of an account. */
export async function findPlace({ sql: db }: Database<Tables>, id: Id): Promise<Place | undefined> {
  const found = await sql<{ slot: number; ledger: number; created_at_us: number }>`
    select slot, ledger, created_at_us from account where id = ${id}`.execute(db);
  const [row] = found.rows;
  return row && { slot: row.slot, ledger: row.ledger, sinceUs: row.created_at_us };
}

/** When the first account was opened, in microseconds since 1970: no transfer is older. */
export async function findSinceUs({ sql: db }: Database<Tables>): Promise<number> {
  const found = await sql<{ created_at_us: number }>`
    select created_at_us from account order by slot limit 1`.execute(db);
  return found.rows[0]?.created_at_us ?? 0;
}

type ViewRow = TransferRow & { debit_account_id: string; credit_account_id: string };

const accountIds = ["debit.id as debit_account_id", "credit.id as credit_account_id"];
const selectViews = sql.raw(`${selectWith(...accountIds)}
    join account debit on debit.slot = t.debit_slot
    join account credit on credit.slot = t.credit_slot`);

function toView(row: ViewRow): TransferView {
  return {
    transfer: fromTransferRow(row),
    debitAccountId: hexOf(row.debit_account_id),
    creditAccountId: hexOf(row.credit_account_id),
  };
}
