import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readProcessConfig } from "#mesh/config.ts";
import { migrate } from "#mesh/database/migrate.ts";
import { connectBus } from "#mesh/events/bus.ts";
import { startRelay } from "#mesh/events/relay.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testNats } from "#mesh/testing/nats.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import { startWorker } from "#mesh/worker.ts";
import { workerSettings } from "./config.ts";
import { laneStreams } from "./events.ts";
import { providerOf } from "./provider.ts";
import { smsWorker } from "./start-worker.ts";
import type { Tables } from "./store/tables.ts";
import { termsOf } from "./terms.ts";
import { lookAt, queuedChunk } from "./testing/queued-chunk.ts";
import { testMagfa } from "./testing/test-provider.ts";

const timeout = 30_000;

test(
  "a worker that comes first waits for the schema, and then serves its lane",
  { timeout },
  async () => {
    await using stack = new AsyncDisposableStack();
    const db = stack.use(await testDatabase<Tables>()); // without the tables of sms
    const nats = stack.use(await testNats());
    const magfa = stack.use(await testMagfa());
    const folder = stack.use(temporaryFolder()).path;
    const config = await configOf({ folder, databaseUrl: db.url, natsUrl: nats.url }, magfa);
    const log = testLog();
    const starting = startWorker(smsWorker, { config, log });
    await expect
      .poll(() => log.records.map(({ msg }) => msg), { timeout })
      .toContain("The broker is there.");
    const mesh = new URL("../../mesh/database/migrations/", import.meta.url);
    await migrate(db.url, [mesh, new URL("store/migrations/", import.meta.url)]);
    stack.use(await starting);

    const bus = stack.use(await connectBus({ url: nats.url, name: "test", log }));
    const metrics = stack.use(createTelemetry("test"));
    const relay = { url: db.url, bus, log, metrics };
    stack.use(startRelay({ ...relay, stream: laneStreams.EXPRESS }));
    const world = { sms: { db, terms: termsOf(config), provider: providerOf(config) } };
    const { messageIds } = await queuedChunk(world, { lane: "EXPRESS" });
    await expect
      .poll(async () => lookAt(world, messageIds), { timeout })
      .toMatchObject([{ state: "SENT", attempts: 1 }]);
    expect(magfa.received().accepted).toBe(1);
  },
);

type Places = { readonly folder: string; readonly databaseUrl: string; readonly natsUrl: string };

/** What the worker of the express lane is told. */
async function configOf(
  { folder, databaseUrl, natsUrl }: Places,
  { baseUrl, hookSecret }: { readonly baseUrl: string; readonly hookSecret: string },
) {
  const files = { password: join(folder, "password"), hook: join(folder, "hook") };
  await writeFile(files.password, "password", { mode: 0o600 });
  await writeFile(files.hook, hookSecret, { mode: 0o600 });
  const environment = {
    MIZAN_PROFILE: "test",
    MIZAN_CERTS: folder,
    DATABASE_URL: databaseUrl,
    NATS_URL: natsUrl,
    ADMIN_PORT: "0",
    SMS_LANE: "EXPRESS",
    MAGFA_URL: baseUrl,
    MAGFA_USERNAME: "user",
    MAGFA_DOMAIN: "domain",
    MAGFA_PASSWORD_FILE: files.password,
    MAGFA_HOOK_SECRET_FILE: files.hook,
  };
  return readProcessConfig(environment, workerSettings);
}
