import { join } from "node:path";
import { Client } from "pg";
import { startNats } from "#mesh/local/nats.ts";
import { type Postgres, startPostgres } from "#mesh/local/postgres.ts";
import type { Layout } from "./layout.ts";
import { root } from "./node-process.ts";
import { services } from "./services.ts";
import type { Part, Supervised } from "./supervise.ts";

/** Keeps a part running; what a stack does with each of its parts. */
export type Keep = (part: Part) => Promise<Supervised>;

/**
 * Has a database for each service: on the server of DATABASE_URL if one is given, else on one of
 * our own. Returns the addresses by service.
 */
export async function startDatabases(
  layout: Layout,
  keep: Keep,
  { given, isOver = () => false }: { given?: string | undefined; isOver?: () => boolean } = {},
): Promise<Record<string, string>> {
  if (given !== undefined) return databasesOf(given, layout.offset);
  let server: Postgres | undefined;
  const port = layout.ports.get("postgres")!;
  await keep({
    name: "postgres",
    start: async () => {
      const started = (server = await startPostgres({ folder: layout.postgres, port }));
      const stop = async () => (isOver() ? started.abandon() : started[Symbol.asyncDispose]());
      return { ...started, [Symbol.asyncDispose]: stop };
    },
  });
  for (const { name } of services) await server?.createDatabase(name);
  return Object.fromEntries(services.map(({ name }) => [name, server!.url(name)]));
}

/** Has a broker: the one of NATS_URL if it is given, else one of our own. Returns its address. */
export async function startBroker(
  layout: Layout,
  keep: Keep,
  { given, say }: { given: string | undefined; say: (text: string) => void },
): Promise<string> {
  if (given !== undefined) return given;
  const place = {
    folder: layout.nats,
    port: layout.ports.get("nats")!,
    cacheFolder: join(root, ".mizan", "bin"), // one that was installed serves every stack
    progress: say,
  };
  await keep({ name: "nats", start: () => startNats(place) });
  return `nats://127.0.0.1:${place.port}`;
}

/** Makes the databases on a server of somebody else; those of stacks with an offset stand apart. */
async function databasesOf(url: string, offset: number): Promise<Record<string, string>> {
  const client = new Client(url);
  await client.connect();
  try {
    const databases: Record<string, string> = {};
    for (const { name } of services) {
      const database = offset === 0 ? `mizan_${name}` : `mizan_${name}_${offset}`;
      const known = await client.query("SELECT FROM pg_database WHERE datname = $1", [database]);
      if (known.rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
      const address = new URL(url);
      address.pathname = database;
      databases[name] = address.href;
    }
    return databases;
  } finally {
    await client.end();
  }
}
