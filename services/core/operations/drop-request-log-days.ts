import { openConnection } from "#mesh/database/connection.ts";
import { isError } from "#mesh/database/failure.ts";
import { DROP_LOCK_TIMEOUT_MS } from "#mesh/limits.ts";
import type { Core } from "../context.ts";
import * as store from "../store/request-log-days.ts";

/**
 * Forgets calls that were over so many days ago, whole days at a time (O7). A day that somebody
 * reads for too long is for the next time. Returns the days that went, such as "2026-01-31".
 */
export async function dropRequestLogDays(
  { db, log }: Pick<Core, "db" | "log">,
  keptDays: number,
): Promise<string[]> {
  await using connection = await openConnection({ url: db.url, name: "core days" });
  await store.limitLocks(connection, DROP_LOCK_TIMEOUT_MS);
  const gone: string[] = [];
  for (const day of await store.findDaysOver(connection, keptDays)) {
    const name = day.toISOString().slice(0, 10);
    try {
      await store.dropDay(connection, day);
      gone.push(name);
    } catch (error) {
      if (!isError(error, "55P03")) throw error;
      log.warn({ table: `request_log ${name}` }, "a day is in use and stays for now");
    }
  }
  await store.deleteLate(connection, keptDays);
  return gone;
}
