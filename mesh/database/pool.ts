import type { PostgresPool, PostgresPoolClient } from "kysely";
import { Pool as PgPool, type PoolClient, type PoolConfig } from "pg";
import { ACQUIRE_TIMEOUT_MS, MAX_ACQUIRE_WAITING } from "../limits.ts";
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
  const acquire = acquirer(pool);
  const since = new Set<{ readonly startMs: number }>(); // the oldest comes first
  return {
    connect: async () => {
      if (since.size >= MAX_ACQUIRE_WAITING) throw overloaded("The database");
      const wait = { startMs: performance.now() };
      since.add(wait);
      try {
        return guarded(await acquire().catch(refuse));
      } finally {
        since.delete(wait);
      }
    },
    end: async () => pool.end(),
    options: pool.options,
    waiting: () => since.size,
    waitedMs: () => {
      const [oldest] = since;
      return oldest === undefined ? 0 : performance.now() - oldest.startMs;
    },
  };
}

/**
 * Makes what takes connections out of a pool. It waits ACQUIRE_TIMEOUT_MS for one that is in use,
 * and for as long as the pool itself does while one is being opened: nothing is at its limit then.
 */
function acquirer(pool: PgPool): () => Promise<PoolClient> {
  const open = new Set<PoolClient>();
  pool.on("connect", (client) => void open.add(client));
  pool.on("remove", (client) => void open.delete(client));
  return async () => {
    if (pool.idleCount > pool.waitingCount) return pool.connect();
    const { promise, resolve, reject } = Promise.withResolvers<PoolClient>();
    let isLate = false;
    const look = () => {
      isLate = open.size >= pool.totalCount;
      if (isLate) reject(overloaded("The database"));
      else timer.refresh();
    };
    const timer = setTimeout(look, ACQUIRE_TIMEOUT_MS);
    const given = (client: PoolClient) => (isLate ? client.release() : resolve(client));
    void pool
      .connect()
      .then(given, reject)
      .finally(() => clearTimeout(timer));
    return promise;
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
  const isWait = error.message.startsWith("timeout exceeded"); // for one that others have
  throw isWait ? overloaded("The database", error) : callError(error);
}
