import { sql } from "kysely";
import type { Database } from "../database/connect.ts";
import type { Job } from "../jobs/loop.ts";
import { DEAD_LETTER_KEPT_DAYS, PRUNE_BATCH_ROWS, PRUNE_EVENTS_MS } from "../limits.ts";

/** The job that forgets old events (O7), what consumers remember of them, and old dead letters. */
export function pruneEvents<T>(db: Database<T>): Job {
  const run = async () => {
    await sql`select * from prune_events()`.execute(db.sql);
    await sql`
      delete from dead_letter where id in (
        select id from dead_letter
        where closed_at < now() - ${DEAD_LETTER_KEPT_DAYS} * interval '1 day'
        limit ${PRUNE_BATCH_ROWS})`.execute(db.sql);
  };
  return { name: "prune-events", everyMs: PRUNE_EVENTS_MS, run };
}
