import { DAYS_AHEAD } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import * as store from "../store/days.ts";

/**
 * Makes the parts of the tables for the days that come; nothing can be accepted without today's.
 * Also keeps the numbers that providers know messages by from being given twice, after a restore.
 */
export async function makeDays({ db }: Pick<Sms, "db">): Promise<void> {
  await store.makeDays(db, DAYS_AHEAD);
  await store.advanceMessageRef(db);
}
