import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import type { Connection } from "#mesh/database/connection.ts";
import type { Tables } from "./tables.ts";

/** A table that has a part for each day. */
export type DayTable = "message" | "chunk" | "message_note";

/** Makes the days of the tables from yesterday on, unless they are there. */
export async function makeDays(db: Database<Tables>, ahead: number): Promise<void> {
  await sql`select make_days(${ahead}::int)`.execute(db.sql);
}

/** Moves the numbers that providers know messages by beyond all that were ever given (PROV-2). */
export async function advanceMessageRef(db: Database<Tables>): Promise<void> {
  await sql`select advance_message_ref()`.execute(db.sql);
}

/** Bounds how long the drop of a day waits for others, who wait behind it meanwhile. */
export async function limitLocks(connection: Connection, timeoutMs: number): Promise<void> {
  await connection.query("select set_config('lock_timeout', $1, false)", [String(timeoutMs)]);
}

/** The days of a table that were over so many days ago, oldest first. */
export async function findDaysOver(
  connection: Connection,
  table: DayTable,
  keptDays: number,
): Promise<Date[]> {
  const text = "select day from days_over($1, $2)";
  const rows = await connection.query<{ day: Date }>(text, [table, keptDays]);
  return rows.map(({ day }) => day);
}

/** Whether nothing is to be done any more for what was accepted on a day. */
export async function hasDayEnded(connection: Connection, day: Date): Promise<boolean> {
  const text = "select day_has_ended($1) as ended";
  const rows = await connection.query<{ ended: boolean }>(text, [day]);
  return rows[0]!.ended;
}

/** Drops a day of a table; waits for nobody longer than the limit. */
export async function dropDay(connection: Connection, table: DayTable, day: Date): Promise<void> {
  await connection.query("select drop_day($1, $2)", [table, day]);
}

/** Empties the oldest day of the receipts; tells which, if it was full of what is done with. */
export async function emptyReceipts(connection: Connection): Promise<string | undefined> {
  const rows = await connection.query<{ name: string | null }>("select empty_receipts() as name");
  return rows[0]!.name ?? undefined;
}
