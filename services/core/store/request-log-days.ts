import { sql } from "kysely";
import type { Connection } from "#mesh/database/connection.ts";
import type { Queries } from "./tables.ts";

/** Makes the days of the request log from yesterday on, unless they are there. */
export async function makeRequestLogDays(db: Queries, ahead: number): Promise<void> {
  await sql`select make_request_log_days(${ahead}::int)`.execute(db);
}

/** Bounds how long the drop of a day waits for others, who wait behind it meanwhile. */
export async function limitLocks(connection: Connection, timeoutMs: number): Promise<void> {
  await connection.query("select set_config('lock_timeout', $1, false)", [String(timeoutMs)]);
}

/** The days that were over so many days ago, oldest first. */
export async function findDaysOver(connection: Connection, keptDays: number): Promise<Date[]> {
  const text = "select day from request_log_days_over($1)";
  const rows = await connection.query<{ day: Date }>(text, [keptDays]);
  return rows.map(({ day }) => day);
}

/** Drops a day as a whole. */
export async function dropDay(connection: Connection, day: Date): Promise<void> {
  await connection.query("select drop_request_log_day($1)", [day]);
}

/** Deletes what came too late for its day and is as old. */
export async function deleteLate(connection: Connection, keptDays: number): Promise<void> {
  await connection.query(
    "delete from request_log_late where called_at < now() - $1 * interval '1 day'",
    [keptDays],
  );
}
