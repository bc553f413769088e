import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { hexOf } from "#mesh/ids.ts";
import type { Id } from "../domain/account.ts";
import type { TransferView } from "../domain/transfer-view.ts";
import type { Stretch } from "./stretch.ts";
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

/** Lists the committed transfers of an account, newest first. */
export async function listTransfers(
  { sql: db }: Database<Tables>,
  slot: number,
  { beforeUs, limit }: Stretch,
): Promise<TransferView[]> {
  const found = await sql<ViewRow>`${selectViews} where t.at_us in (
      (select at_us from transfer
        where debit_slot = ${slot} and at_us < ${beforeUs} order by at_us desc limit ${limit})
      union all
      (select at_us from transfer
        where credit_slot = ${slot} and at_us < ${beforeUs} order by at_us desc limit ${limit})
      order by at_us desc limit ${limit}
    ) order by t.at_us desc`.execute(db);
  return found.rows.map(toView);
}

/** Finds the place of an account that is committed. */
export async function findSlot({ sql: db }: Database<Tables>, id: Id): Promise<number | undefined> {
  const found = await sql<{ slot: number }>`select slot from account where id = ${id}`.execute(db);
  return found.rows[0]?.slot;
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
