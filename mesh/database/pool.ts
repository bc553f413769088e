import type { PostgresPool, PostgresPoolClient } from "kysely";
import {
  Client,
  type ClientBase,
  type ClientConfig,
  Pool as PgPool,
  type PoolClient,
  type PoolConfig,
} from "pg";
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
  const opening = countOpening();
  const pool = new PgPool({ ...config, Client: opening.Opening });
  pool.on("error", () => {}); // it was idle: nobody's statement is lost, and the pool makes another
  pool.on("connect", (client) => client.on("error", () => {})); // its statement fails as well
  const acquire = acquirer(pool, opening.count);
  const since = new Set<{ readonly startMs: number }>(); // the oldest comes first
  return {
    connect: async () => {
      // Who was refused after a wait stays in the line of the pool for a while.
      const inLine = Math.max(since.size, pool.waitingCount);
      if (inLine >= MAX_ACQUIRE_WAITING) throw overloaded("The database");
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
function acquirer(pool: PgPool, opening: () => number): () => Promise<PoolClient> {
  return async () => {
    if (pool.idleCount > pool.waitingCount) return pool.connect();
    const { promise, resolve, reject } = Promise.withResolvers<PoolClient>();
    let isLate = false;
    const look = () => {
      isLate = opening() === 0;
      if (isLate) reject(overloaded("The database"));
      else timer.refresh();
    };
    const timer = setTimeout(look, ACQUIRE_TIMEOUT_MS);
    const given = (client: PoolClient) => (isLate ? client.release() : resolve(client));
    const refused = (error: Error) => {
      const isWait = error.message.startsWith("timeout exceeded"); // for one that others have, if any
      const isFull = isWait && pool.totalCount > opening();
      reject(isFull ? overloaded("The database", error) : error);
    };
    void pool
      .connect()
      .then(given, refused)
      .finally(() => clearTimeout(timer));
    return promise;
  };
}

/** Makes what makes the clients of a pool, and counts those that are being opened. */
function countOpening() {
  let count = 0;
  function Opening(config: ClientConfig): Client {
    const client = new Client(config);
    const connect = client.connect.bind(client);
    const counted = (done: (error: Error) => void) => {
      count += 1;
      connect((error: Error | null) => {
        count -= 1;
        done(error as Error);
      });
    };
    return Object.assign(client, { connect: counted as Client["connect"] });
  }
  return { Opening: Opening as unknown as new () => ClientBase, count: () => count };
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

function refuse(error: unknown): never {
  throw callError(error);
}
