import { DAYS_AHEAD } from "#mesh/limits.ts";
import type { Core } from "../context.ts";
import * as store from "../store/request-log-days.ts";

/** Makes the parts of the request log for the days that come. */
export async function makeRequestLogDays({ db }: Pick<Core, "db">): Promise<void> {
  await store.makeRequestLogDays(db.sql, DAYS_AHEAD);
}
