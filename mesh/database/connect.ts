import { Kysely, PostgresDialect, sql } from "kysely";
import {
  CONNECTION_LIFETIME_S,
  DATABASE_CONNECT_MS,
  IDLE_IN_TRANSACTION_TIMEOUT_MS,
  LOCK_TIMEOUT_MS,
  QUERY_TIMEOUT_MS,
  STATEMENT_TIMEOUT_MS,
} from "../limits.ts";
import { guardedPool } from "./pool.ts";
import { columnTypes } from "./types.ts";

/** The database of a service. Disposing of it closes its connections when they are free. */
export type Database<T> = AsyncDisposable & {
  readonly sql: Kysely<T>;
  readonly url: string;
  /** Throws when the database does not answer. */
  readonly ping: () => Promise<void>;
  /** How many calls wait for a connection. */
  readonly waiting: () => number;
  /** How long the call waits by now that has waited longest, in milliseconds. */
  readonly waitedMs: () => number;
};

/** Where the database is, how many connections it may cost, and who we are to its operators. */
type Options = { readonly url: string; readonly max: number; readonly name: string };

/**
 * Opens the pool of a service. Statements are unnamed, so that a PgBouncer may stand in between
 * (L13), and every wait has an end (§4.5). Throws OVERLOADED when no connection is free in time, and
 * DATABASE_UNAVAILABLE when none could be opened.
 */
export function connect<T>({ url, max, name }: Options): Database<T> {
  const pool = guardedPool({
    connectionString: url,
    max,
    application_name: name,
    types: columnTypes,
    keepAlive: true,
    connectionTimeoutMillis: DATABASE_CONNECT_MS,
    maxLifetimeSeconds: CONNECTION_LIFETIME_S,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
  });
  const database = new Kysely<T>({ dialect: new PostgresDialect({ pool }) });
  return {
    sql: database,
    url,
    ping: async () => void (await sql`select 1`.execute(database)),
    waiting: pool.waiting,
    waitedMs: pool.waitedMs,
    [Symbol.asyncDispose]: async () => {
      await database.destroy();
    },
  };
}
