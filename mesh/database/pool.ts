import type { PostgresPool, PostgresPoolClient } from "kysely";
import { Pool as PgPool, type PoolClient, type PoolConfig } from "pg";
import { MAX_ACQUIRE_WAITING } from "../limits.ts";
import { callError, isError, isLost, overloaded } from "./failure.ts";

/** Connections that are shared by the calls of a process. */
export type Pool = PostgresPool & {
  readonly waiting: () => number;
  /** How long the call waits by now that has waited longest, in milliseconds. */
  readonly waitedMs: () => number;
};

/**
 * Guards node-postgres (L12): an idle connection that breaks is replaced, one that broke or timed
 * out is never used again, nobody waits for ever, and no more wait than the limit allows (L14).
 */
export function guardedPool(config: PoolConfig): Pool {
  const pool = new PgPool(config);
  pool.on("error", () => {}); // it was idle: nobody's statement is lost, and the pool makes another
  pool.on("connect", (client) => client.on("error", () => {})); // its statement fails as well
  const since = new Set<{ readonly startMs: number }>(); // the oldest comes first
  return {
    connect: async () => {
      if (pool.waitingCount >= MAX_ACQUIRE_WAITING) throw overloaded("The database");
      const wait = { startMs: performance.now() };
      since.add(wait);
      try {
        return guarded(await pool.connect().catch(refuse));
      } finally {
        since.delete(wait);
      }
    },
    end: async () => pool.end(),
    options: pool.options,
    waiting: () => pool.waitingCount,
    waitedMs: () => {
      const [oldest] = since;
      return oldest === undefined ? 0 : performance.now() - oldest.startMs;
    },
  };
}

/** A connection in use, which is given back to the pool only when it is in order. */
function guarded(client: PoolClient): PostgresPoolClient {
  let broken: unknown;
  const query = async (text: string, values: readonly unknown[]) => {
    if (broken !== undefined) throw callError(broken);
    try {
      return await client.query(text, [...values]);
    } catch (error) {
      if (isLost(error)) broken = error;
      throw isLost(error) || isError(error, "57014") ? callError(error) : error;
    }
  };
  const release = (destroy = false) => client.release(destroy || broken !== undefined);
  return { query: query as unknown as PostgresPoolClient["query"], release };
}

function refuse(error: Error): never {
  throw /timeout/.test(error.message) ? overloaded("The database", error) : callError(error);
}
