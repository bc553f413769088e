import { sql } from "kysely";
import { IDEMPOTENCY_KEPT_DAYS, PRUNE_BATCH_ROWS, PRUNE_EVERY_MS } from "../limits.ts";
import type { Job } from "../jobs/loop.ts";
import type { Database } from "./connect.ts";

/** The job of every service that keeps its answers from piling up. */
export function pruning<T>(db: Database<T>): Job {
  return {
    name: "prune-idempotency",
    everyMs: PRUNE_EVERY_MS,
    run: async (signal) => pruneIdempotency(db, signal),
  };
}

/** Forgets the answers that are older than they have to be kept (IDEM-5), in small bites. */
export async function pruneIdempotency<T>(db: Database<T>, signal: AbortSignal): Promise<void> {
  for (let removed = PRUNE_BATCH_ROWS; removed === PRUNE_BATCH_ROWS && !signal.aborted;) {
    const { numAffectedRows } = await sql`
      delete from idempotency where (principal, method, key) in (
        select principal, method, key from idempotency
        where created_at < now() - make_interval(days => ${IDEMPOTENCY_KEPT_DAYS})
        order by created_at limit ${PRUNE_BATCH_ROWS})`.execute(db.sql);
    removed = Number(numAffectedRows);
  }
}
