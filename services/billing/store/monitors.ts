import { sql } from "kysely";
import type { Connection } from "#mesh/database/connection.ts";
import type { Database } from "#mesh/database/connect.ts";
import { hexOf } from "#mesh/ids.ts";
import type { Monitor, MonitorView } from "../domain/monitor.ts";
import type { Tables } from "./tables.ts";

/** Reads all monitors. */
export async function loadMonitors(connection: Connection): Promise<Monitor[]> {
  const rows = await connection.query<MonitorRow>("select * from balance_monitor");
  return rows.map(fromMonitorRow);
}

/** Where a list of monitors goes on. */
export type MonitorPlace = Pick<Monitor, "createdAtUs" | "id">;

/** Lists the committed monitors after a place, oldest first. */
export async function listMonitors(
  { sql: db }: Database<Tables>,
  { after, limit }: { readonly after: MonitorPlace; readonly limit: number },
): Promise<MonitorView[]> {
  const found = await sql<MonitorRow & { account_id: string; ledger: number }>`
    select balance_monitor.*, account.id as account_id, account.ledger
      from balance_monitor join account using (slot)
      where (balance_monitor.created_at_us, balance_monitor.id)
        > (${after.createdAtUs}::bigint, ${after.id}::uuid)
      order by balance_monitor.created_at_us, balance_monitor.id limit ${limit}`.execute(db);
  return found.rows.map(({ account_id: accountId, ledger, ...row }) => {
    return { monitor: fromMonitorRow(row), accountId: hexOf(accountId), ledger };
  });
}

/** Writes a monitor as a row, for a commit. */
export function toMonitorRow(monitor: Monitor) {
  const { id, slot, field, direction, boundMinor, name, createdAtUs, isBeyond } = monitor;
  const bound = String(boundMinor);
  const [created_at_us, is_beyond] = [createdAtUs, isBeyond];
  const row = { id, slot, field, direction, bound, name, created_at_us, is_beyond };
  return row satisfies Record<keyof MonitorRow, unknown>;
}

type MonitorRow = {
  id: string;
  slot: number;
  field: Monitor["field"];
  direction: Monitor["direction"];
  bound: bigint;
  name: string;
  created_at_us: number;
  is_beyond: boolean;
};

function fromMonitorRow(row: MonitorRow): Monitor {
  return {
    id: row.id,
    slot: row.slot,
    field: row.field,
    direction: row.direction,
    boundMinor: row.bound,
    name: row.name,
    createdAtUs: row.created_at_us,
    isBeyond: row.is_beyond,
  };
}
