import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { SERVER_START_MS } from "../limits.ts";
import { type PostgresFolder, preparePostgres } from "./postgres-folder.ts";
import { removeStaleLock } from "./postgres-lock.ts";
import { type LocalProcess, startProcess } from "./process.ts";

/** A PostgreSQL of this machine. Disposing of it shuts it down; what is committed stays. */
export type Postgres = LocalProcess & {
  /** Where a database of this server is, with the password of its owner. */
  readonly url: (database: string) => string;
  /** Makes a database, unless it is there. */
  readonly createDatabase: (name: string) => Promise<void>;
  /** Ends the server at once when nobody needs its data any more, and spares the disk of them. */
  readonly abandon: () => Promise<void>;
};

/** Where the server keeps all that it has, and where it listens on the loopback address. */
type Place = { readonly folder: string; readonly port: number };

/**
 * Starts the PostgreSQL of the npm package with durable commits, and waits until it answers. The
 * folder is filled at the first start. Throws with the server's log when it doesn't come up.
 */
export async function startPostgres(place: Place): Promise<Postgres> {
  const { port } = place;
  const folder = resolve(place.folder);
  const prepared = await preparePostgres(folder);
  const { password } = prepared;
  const url = (database: string) => `postgres://mizan:${password}@127.0.0.1:${port}/${database}`;
  const untilMs = performance.now() + SERVER_START_MS;
  for (;;) {
    const server = await run({ folder, port }, prepared);
    const problem = await answers(server, url("postgres"), untilMs);
    if (problem === undefined) {
      const createDatabase = async (name: string) => create(url, name);
      return { ...server, url, createDatabase, abandon: async () => abandon(server) };
    }
    await server[Symbol.asyncDispose]();
    const log = await readFile(join(folder, "postgres.log"), "utf8");
    // After a kill -9 the server's children need a moment to notice that it is gone.
    if (!log.includes("is still in use") || performance.now() > untilMs) {
      throw new Error(`PostgreSQL did not start on port ${port}: ${problem}\n${log}`);
    }
    await sleep(50);
  }
}

async function run({ folder, port }: Place, { program, data, user }: PostgresFolder) {
  await removeStaleLock(data);
  const options = { ...settings, port: String(port) };
  return startProcess({
    file: program,
    args: [
      "-D",
      data,
      ...Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    folder,
    logFile: join(folder, "postgres.log"),
    stopSignal: "SIGINT", // ends transactions under way, and keeps what is committed
    user,
  });
}

/** What §4.5 asks of a server; fsync and synchronous_commit stay as they are: on. */
const settings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "256MB",
  wal_compression: "on",
  checkpoint_timeout: "15min",
  max_wal_size: "4GB",
  random_page_cost: "1.1",
  deadlock_timeout: "200ms", // before lock_timeout ends the wait, for L5 to be seen
};

/** Without a checkpoint, which takes seconds after many databases were made. */
async function abandon(server: LocalProcess): Promise<void> {
  process.kill(server.pid, "SIGQUIT");
  await server[Symbol.asyncDispose]();
}

/** Waits until the server answers; else says why it never will. */
async function answers(server: LocalProcess, url: string, untilMs: number) {
  let problem: string | undefined;
  const ended = server.exited.then((how) => (problem = how));
  for (;;) {
    const client = new Client({ connectionString: url });
    client.on("error", () => {});
    const failure = await Promise.race([client.connect().then(() => undefined, String), ended]);
    await client.end().catch(() => {});
    if (failure === undefined) return undefined;
    if (problem !== undefined) return problem;
    if (performance.now() > untilMs) return failure;
    await sleep(20);
  }
}

async function create(url: (database: string) => string, name: string): Promise<void> {
  const client = new Client({ connectionString: url("postgres") });
  await client.connect();
  try {
    const found = await client.query("select from pg_database where datname = $1", [name]);
    if (found.rowCount === 0)
      await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
