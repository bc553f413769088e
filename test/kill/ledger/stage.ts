import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ensureCertificates } from "#mesh/certificates.ts";
import type { LocalProcess } from "#mesh/local/process.ts";
import { freePorts } from "#mesh/local/ports.ts";
import { layoutOf, prepareFolders } from "../../../scripts/platform/layout.ts";
import { freeOffset } from "../../../scripts/platform/ports.ts";
import { askReady } from "../../../scripts/platform/ready.ts";
import { startBroker, startDatabases } from "../../../scripts/platform/servers.ts";
import { servicePart, type Surroundings } from "../../../scripts/platform/service-part.ts";
import { identities, services } from "../../../scripts/platform/services.ts";
import { supervise } from "../../../scripts/platform/supervise.ts";

/** A process of billing that is started again whenever it is killed. */
export type BillingProcess = {
  readonly name: string;
  readonly grpc: string;
  /** Whether it says that it is ready, which only the writer is. */
  isReady(): Promise<boolean>;
  /** Kills it with SIGKILL; returns when it was started again. */
  kill(): Promise<void>;
};

/** PostgreSQL, nats-server and processes of billing, one the writer and the others its standbys. */
export type Stage = AsyncDisposable & {
  readonly home: string;
  readonly certs: string;
  readonly databaseUrl: string;
  readonly billings: readonly BillingProcess[];
  /** Kills PostgreSQL with SIGKILL; it is started again by itself. */
  killPostgres(): void;
  /** Leaves the folder where it is, for somebody to look into. */
  keep(): void;
};

/** Starts a stage in a temporary folder and waits until its writer is ready. */
export async function openStage(processes: number): Promise<Stage> {
  await using cleanup = new AsyncDisposableStack();
  const home = mkdtempSync(join(tmpdir(), "mizan-crash-"));
  let kept = false;
  cleanup.defer(() => {
    if (!kept) rmSync(home, { recursive: true, force: true });
  });
  chmodSync(home, 0o711); // the user of PostgreSQL has to pass
  const layout = layoutOf(home, await freeOffset());
  prepareFolders(layout, false);
  await ensureCertificates(layout.certs, identities);
  const pids = new Map<string, number>();
  const watch = {
    started: (name: string, pid: number | undefined) => {
      if (pid === undefined) pids.delete(name);
      else pids.set(name, pid);
    },
    crashed: () => undefined,
  };
  const keep = async (part: Parameters<typeof supervise>[0]) => {
    const supervised = await supervise(part, watch);
    cleanup.defer(() => supervised.stop());
    return supervised;
  };
  const databases = await startDatabases(layout, keep, { isOver: () => !kept });
  const nats = await startBroker(layout, keep, { given: undefined, say: () => undefined });
  const magfa = { provider: {}, customer: {} } as Surroundings["magfa"];
  const banks = { provider: {}, customer: {} } as Surroundings["banks"];
  const around = { layout, databases, nats, magfa, banks, settings: {}, env: {} };
  const billings: BillingProcess[] = [];
  for (let place = 1; place <= processes; place++) {
    const { billing, stop } = await startBilling(`billing-${place}`, around);
    cleanup.defer(stop);
    billings.push(billing);
  }
  await untilReady(billings);
  const open = cleanup.move();
  return {
    home,
    certs: layout.certs,
    databaseUrl: databases["billing"]!,
    billings,
    killPostgres() {
      const pid = pids.get("postgres");
      if (pid !== undefined) process.kill(pid, "SIGKILL");
    },
    keep: () => void (kept = true),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

async function startBilling(name: string, around: Surroundings) {
  const [grpc, http, admin] = await freePorts(3);
  const env = { GRPC_PORT: `${grpc}`, HTTP_PORT: `${http}`, ADMIN_PORT: `${admin}` };
  const row = services.find((service) => service.name === "billing")!;
  const logOf = () => around.layout.logOf(name);
  const part = servicePart(row, { ...around, layout: { ...around.layout, logOf }, env });
  let running: LocalProcess = await part.start();
  let restarted = Promise.withResolvers<void>();
  const billing: BillingProcess = {
    name,
    grpc: `127.0.0.1:${grpc}`,
    isReady: async () => (await askReady(`127.0.0.1:${admin}`)) === "",
    async kill() {
      const { promise } = restarted;
      process.kill(running.pid, "SIGKILL");
      await promise;
    },
  };
  const stopping = new AbortController();

  /** Whatever ended it: a writer whose shard was taken ends by itself, and is a standby then. */
  async function keepRunning(): Promise<void> {
    while (!stopping.signal.aborted) {
      const current = running;
      await current.exited;
      if (stopping.signal.aborted) return;
      running = await part.start();
      restarted.resolve();
      restarted = Promise.withResolvers();
    }
  }

  void keepRunning();
  const stop = async () => {
    stopping.abort();
    await running[Symbol.asyncDispose]();
  };
  return { billing, stop };
}

async function untilReady(billings: readonly BillingProcess[]): Promise<void> {
  const endMs = performance.now() + START_MS;
  for (;;) {
    for (const billing of billings) if (await billing.isReady()) return;
    if (performance.now() > endMs) throw new Error("No process of billing became ready.");
    await delay(50);
  }
}

/** How long the first start may take. */
const START_MS = 60_000;
