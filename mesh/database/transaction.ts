import { sql, type Transaction } from "kysely";
import { STATEMENT_TIMEOUT_MS } from "../limits.ts";
import { fail } from "../reasons.ts";
import type { Database } from "./connect.ts";
import { retryLost } from "./retry-lost.ts";

/** When the caller stops waiting. */
type Bounds = {
  /** Aborts when the caller is gone; nothing is committed afterwards. */
  readonly signal?: AbortSignal | undefined;
  /** What is left of the deadline, in milliseconds. */
  readonly timeLeftMs?: number | undefined;
};

/**
 * Does work in one transaction (READ COMMITTED). It is done again, at most three times, when it
 * lost against another by deadlock or serialization (L5): nothing of it may leave the database.
 * Statements end with the deadline (G13); throws DEADLINE_PASSED.
 */
export async function transaction<T, R>(
  db: Database<T>,
  work: (tx: Transaction<T>) => Promise<R>,
  { signal, timeLeftMs = Infinity }: Bounds = {},
): Promise<R> {
  const endMs = performance.now() + timeLeftMs;
  return retryLost(async () =>
    db.sql.transaction().execute(async (tx) => {
      await limit(tx, endMs - performance.now(), signal);
      const result = await work(tx);
      signal?.throwIfAborted();
      return result;
    }),
  );
}

async function limit<T>(tx: Transaction<T>, leftMs: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  if (leftMs < 1) throw fail("DEADLINE_PASSED");
  if (leftMs >= STATEMENT_TIMEOUT_MS) return; // the connection's own limit comes first
  await sql`select set_config('statement_timeout', ${String(Math.floor(leftMs))}, true)`.execute(
    tx,
  );
}
