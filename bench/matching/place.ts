import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "#mesh/database/migrate.ts";
import { freePorts } from "#mesh/local/ports.ts";
import { startPostgres } from "#mesh/local/postgres.ts";
import { durabilityOf } from "../durability.ts";
import { recycleWal } from "../ledger/recycle-wal.ts";

/** A database server of the bench's own, which is gone with its data when it is disposed of. */
export type Place = AsyncDisposable & {
  /** The database of books whose journal alone is measured. */
  readonly url: string;
  /** The database of books with rows of orders and trades. */
  readonly storedUrl: string;
  /** The database of books that are only started. */
  readonly startedUrl: string;
  /** What commits are made of here, for the report. */
  readonly durability: string;
};

/** Starts a PostgreSQL as `npm start` has it, in a temporary folder. */
export async function openPlace(): Promise<Place> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "mizan-bench-"));
  opened.defer(async () => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o711); // the user of PostgreSQL passes through
  const [port] = await freePorts(1);
  const server = opened.use(await startPostgres({ folder: join(folder, "postgres"), port: port! }));
  const names = ["journal", "stored", "started"];
  for (const name of names) await server.createDatabase(name);
  const [url, storedUrl, startedUrl] = names.map(server.url) as [string, string, string];
  for (const name of names) await migrate(server.url(name), [meshMigrations, migrations]);
  await recycleWal(url, 2);
  const durability = await durabilityOf(url);
  const resources = opened.move();
  const close = async () => resources.disposeAsync();
  return { url, storedUrl, startedUrl, durability, [Symbol.asyncDispose]: close };
}

const meshMigrations = new URL("../../mesh/database/migrations/", import.meta.url);
const migrations = new URL("../../services/matching/store/migrations/", import.meta.url);
