import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "#mesh/database/migrate.ts";
import { startNats } from "#mesh/local/nats.ts";
import { freePorts } from "#mesh/local/ports.ts";
import { startPostgres } from "#mesh/local/postgres.ts";
import { durabilityOf } from "../durability.ts";

/** Servers of the bench's own, which are gone with their data when it is disposed of. */
export type Place = AsyncDisposable & {
  /** The database of the ledger, with the baseline beside it. */
  readonly billingUrl: string;
  /** The database of somebody who listens to its events. */
  readonly listenerUrl: string;
  /** The database of a ledger that is only started. */
  readonly startedUrl: string;
  readonly natsUrl: string;
  /** What commits are made of here, for the report. */
  readonly durability: string;
};

/** Starts a PostgreSQL as `npm start` has it, and a nats-server, in a temporary folder. */
export async function openPlace(): Promise<Place> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "mizan-bench-"));
  opened.defer(async () => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o711); // the user of PostgreSQL passes through
  const [port, natsPort] = await freePorts(2);
  const server = opened.use(await startPostgres({ folder: join(folder, "postgres"), port: port! }));
  const names = ["billing", "listener", "started"];
  for (const name of names) await server.createDatabase(name);
  const [billingUrl, listenerUrl, startedUrl] = names.map(server.url) as [string, string, string];
  await migrate(startedUrl, [meshMigrations, billingMigrations]);
  await migrate(billingUrl, [meshMigrations, billingMigrations, baselines]);
  await migrate(listenerUrl, [meshMigrations]);
  const natsFolder = join(folder, "nats");
  const nats = opened.use(await startNats({ folder: natsFolder, port: natsPort! }));
  const durability = await durabilityOf(billingUrl);
  const resources = opened.move();
  const close = async () => resources.disposeAsync();
  const place = { billingUrl, listenerUrl, startedUrl, natsUrl: nats.url, durability };
  return { ...place, [Symbol.asyncDispose]: close };
}

const meshMigrations = new URL("../../mesh/database/migrations/", import.meta.url);
const billingMigrations = new URL("../../services/billing/store/migrations/", import.meta.url);
const baselines = new URL("../baselines/", import.meta.url);
