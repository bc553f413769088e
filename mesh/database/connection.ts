import { Client } from "pg";
import { DIRECT_STATEMENT_TIMEOUT_MS, SERVER_START_MS } from "../limits.ts";
import { columnTypes } from "./types.ts";

/** A connection of one's own, for writers, relays and migrations (L13). */
export type Connection = AsyncDisposable & {
  /**
   * Runs a statement after those before it, which it does not wait for on this side: several
   * travel together. Throws what PostgreSQL says, or that the connection is lost.
   */
  readonly query: <R extends object>(text: string, values?: readonly unknown[]) => Promise<R[]>;
  /** Settles when the connection is closed; with the error that closed it, if we didn't. */
  readonly closed: Promise<Error | undefined>;
};

type Options = {
  readonly url: string;
  /** Who we are to the operators of the database. */
  readonly name: string;
  /** How long a statement may run. */
  readonly statementTimeoutMs?: number;
};

/** Opens a direct connection; throws when the database does not answer. */
export async function openConnection({
  url,
  name,
  statementTimeoutMs = DIRECT_STATEMENT_TIMEOUT_MS,
}: Options): Promise<Connection> {
  const client = new Client({
    connectionString: url,
    application_name: name,
    types: columnTypes,
    keepAlive: true,
    pipeline: true,
    connectionTimeoutMillis: SERVER_START_MS,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 1000, // a server that is gone can't stop its statements
  });
  let failure: Error | undefined;
  client.on("error", (error) => (failure ??= error));
  const closed = Promise.withResolvers<Error | undefined>();
  client.on("end", () => closed.resolve(failure));
  await client.connect();
  return {
    query: async (text, values) => (await client.query(text, values && [...values])).rows,
    closed: closed.promise,
    [Symbol.asyncDispose]: async () => client.end(),
  };
}
