import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { isError } from "#mesh/database/failure.ts";
import { DROP_LOCK_TIMEOUT_MS, KEPT_DAYS } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import * as store from "../store/days.ts";

/**
 * Forgets messages, texts and receipts that are old enough, whole days at a time (DATA-2, O7): a
 * day goes only when all of it has ended, and its texts go before it. Where somebody holds a lock
 * for too long it is for the next time. Returns what went.
 */
export async function dropOldDays({ db, log }: Pick<Sms, "db" | "log">): Promise<string[]> {
  await using connection = await openConnection({ url: db.url, name: "sms days" });
  await store.limitLocks(connection, DROP_LOCK_TIMEOUT_MS);
  const gone: string[] = [];
  const attempt = async (table: string, work: () => Promise<string | undefined>) => {
    try {
      const name = await work();
      if (name === undefined) return;
      gone.push(name);
      log.info({ table: name }, "a day was dropped");
    } catch (error) {
      if (!isError(error, "55P03")) throw error;
      log.warn({ table }, "a day is in use and stays for now");
    }
  };
  for (const table of ["chunk", "message", "message_note"] as const) {
    for (const day of await store.findDaysOver(connection, table, kept[table])) {
      await attempt(table, async () => drop(connection, table, day));
    }
  }
  await attempt("receipt", async () => store.emptyReceipts(connection));
  return gone;
}

const kept = {
  chunk: KEPT_DAYS.texts,
  message: KEPT_DAYS.messages,
  message_note: KEPT_DAYS.messages,
};

/** Drops a day if it may go; notes may be written for as long as their messages are there. */
async function drop(connection: Connection, table: store.DayTable, day: Date) {
  if (table === "message_note") {
    const left = await store.findDaysOver(connection, "message", kept.message);
    if (left.some((one) => one.getTime() === day.getTime())) return undefined;
  } else if (!(await store.hasDayEnded(connection, day))) return undefined;
  await store.dropDay(connection, table, day);
  return `${table}_${day.toISOString().slice(0, 10)}`;
}
