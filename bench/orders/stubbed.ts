import { openSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureCertificates } from "#mesh/certificates.ts";
import { newId } from "#mesh/ids.ts";
import { ACCESS_TOKEN_LIFE_S } from "#mesh/limits.ts";
import { startNats } from "#mesh/local/nats.ts";
import { freePorts } from "#mesh/local/ports.ts";
import { startPostgres } from "#mesh/local/postgres.ts";
import { createSigner } from "#mesh/tokens.ts";
import { startNode } from "../../scripts/platform/node-process.ts";
import type { DevFile } from "../../scripts/platform/dev-file.ts";
import { identities } from "../../scripts/platform/services.ts";

/** Matching alone, with servers of its own and a ledger that agrees to everything. */
export type Stubbed = AsyncDisposable & {
  readonly dev: Pick<DevFile, "certs" | "grpc">;
  /** The access token of an administrator. */
  readonly admin: string;
};

/** Starts matching without the rest of the platform. */
export async function openStubbed(): Promise<Stubbed> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "mizan-bench-"));
  opened.defer(async () => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o711); // the user of PostgreSQL passes through
  const certs = join(folder, "certs");
  await ensureCertificates(certs, identities);
  const ports = await freePorts(6);
  const [postgresPort, natsPort, stub, grpc, http, admin] = ports.map(Number);
  const postgres = await startPostgres({ folder: join(folder, "postgres"), port: postgresPort! });
  opened.use(postgres);
  await postgres.createDatabase("matching");
  const nats = opened.use(await startNats({ folder: join(folder, "nats"), port: natsPort! }));
  const start = async (script: string, env: Record<string, string>) =>
    opened.use(await startNode({ script, env, openLog }));
  await start("bench/orders/stub/main.ts", { CERTS: certs, PORT: String(stub) });
  const billing = `127.0.0.1:${stub}`;
  await start("services/matching/main.ts", {
    MIZAN_PROFILE: "development",
    MIZAN_CERTS: certs,
    DATABASE_URL: postgres.url("matching"),
    NATS_URL: nats.url,
    ADMIN_PORT: String(admin),
    MIZAN_PEERS: `billing=${billing},core=${billing}`,
    MIZAN_DRAIN_WAIT_MS: "0",
    HOST: "127.0.0.1",
    GRPC_PORT: String(grpc),
    HTTP_PORT: String(http),
    LOG_LEVEL: "error",
  });
  await ready(`http://127.0.0.1:${admin}/readyz`);
  using signer = createSigner(certs, "core");
  const person = { id: newId(), roles: ["ADMIN" as const], verificationLevel: 0 };
  const token = await signer.accessToken(person, ACCESS_TOKEN_LIFE_S);
  const resources = opened.move();
  return {
    dev: { certs, grpc: { matching: `127.0.0.1:${grpc}`, billing } },
    admin: token,
    [Symbol.asyncDispose]: async () => resources.disposeAsync(),
  };
}

const openLog = () => openSync(join(tmpdir(), "mizan-bench-stubbed.log"), "a");

async function ready(url: string): Promise<void> {
  for (let left = 300; left > 0; left -= 1) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(100);
  }
  throw new Error("matching is not ready after 30 s");
}
