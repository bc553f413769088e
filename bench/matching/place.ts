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
  /** The database of the books that are measured. */
  readonly url: string;
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
  const names = ["matching", "started"];
  for (const name of names) await server.createDatabase(name);
  const [url, startedUrl] = names.map(server.url) as [string, string];
  for (const each of [url, startedUrl]) await migrate(each, [meshMigrations, migrations]);
  await recycleWal(url);
  const durability = await durabilityOf(url);
  const resources = opened.move();
  const close = async () => resources.disposeAsync();
  return { url, startedUrl, durability, [Symbol.asyncDispose]: close };
}

const meshMigrations = new URL("../../mesh/database/migrations/", import.meta.url);
const migrations = new URL("../../services/matching/store/migrations/", import.meta.url);
