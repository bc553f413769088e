import { rmSync } from "node:fs";
import { join } from "node:path";
import { ensureCertificates } from "#mesh/certificates.ts";
import { ensureAdmin } from "./admin-file.ts";
import { ensureBankAccounts } from "./bank-accounts.ts";
import { type DevFile, writeDevFile } from "./dev-file.ts";
import { lockHome } from "./home-lock.ts";
import { describe, layoutOf, prepareFolders } from "./layout.ts";
import { ensureMagfaAccount } from "./magfa-account.ts";
import { waitForPorts } from "./ports.ts";
import { waitUntilReady } from "./ready.ts";
import { routerPart, servicePart, simulatorsPart, workerPart } from "./service-part.ts";
import { type Keep, startBroker, startDatabases } from "./servers.ts";
import { identities, services, workers } from "./services.ts";
import { supervise } from "./supervise.ts";
import { watchParts } from "./watch-parts.ts";

/** How a stack is to be booted. */
export type BootOptions = {
  readonly home: string;
  readonly offset: number;
  /** Whether what an earlier stack left is wiped first. */
  readonly fresh?: boolean;
  /** Hears what takes a while, and of crashes. */
  readonly say: (text: string) => void;
  /** Ends the boot early. */
  readonly signal?: AbortSignal;
  /** Servers of somebody else to use instead of our own. */
  readonly databaseUrl?: string | undefined;
  readonly natsUrl?: string | undefined;
  /** Settings that services are handed on, such as MIZAN_FOUR_EYES for billing. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether nobody needs the data any more, asked when the stack stops; by default they stay. */
  readonly isOver?: () => boolean;
  /** Added to the environment of every process of ours. */
  readonly env?: Readonly<Record<string, string>>;
};

/**
 * A running stack. Disposing of it drains it: workers, services, router, simulators, broker,
 * database (RULES 4.4).
 */
export type Stack = AsyncDisposable & {
  readonly home: string;
  /** The content of dev.json as of now. */
  describe(): DevFile;
  /** Waits until every process is ready; throws a sentence when one is not in time. */
  ready(withinMs: number): Promise<void>;
};

/** Boots the whole platform on this machine and waits until every process is ready. */
export async function bootStack(options: BootOptions): Promise<Stack> {
  const { home, offset, fresh = false, say, signal, env = {}, settings = {} } = options;
  if (fresh && (options.databaseUrl !== undefined || options.natsUrl !== undefined)) {
    throw new Error("--fresh wipes only what is ours: take DATABASE_URL and NATS_URL away first.");
  }
  await using cleanup = new AsyncDisposableStack();
  const layout = layoutOf(home, offset);
  const lock = cleanup.use(lockHome(home));
  if (lock.takenOver) say("The stack before was killed; waiting until its processes are gone.");
  await waitForPorts(layout.ports, lock.takenOver ? LEAVE_MS : 0);
  prepareFolders(layout, fresh);
  await ensureCertificates(layout.certs, identities);
  const admin = ensureAdmin(home);
  cleanup.defer(() => rmSync(join(home, "dev.json"), { force: true }));

  const watch = watchParts(layout, say);
  const keep: Keep = async (part) => {
    signal?.throwIfAborted();
    const supervised = await supervise(part, watch);
    cleanup.defer(() => supervised.stop());
    return supervised;
  };
  say("Starting PostgreSQL and nats-server.");
  const { databaseUrl, isOver } = options;
  const given = { given: databaseUrl, ...(isOver && { isOver }) };
  const databases = await startDatabases(layout, keep, given);
  const nats = await startBroker(layout, keep, { given: options.natsUrl, say });
  say("Starting the services.");
  const magfa = ensureMagfaAccount(layout);
  const banks = ensureBankAccounts(layout);
  const around = { layout, databases, nats, magfa, banks, settings, env };
  await keep(simulatorsPart(around));
  await keep(routerPart(around));
  for (const row of services) await keep(servicePart(row, around));
  for (const row of workers) await keep(workerPart(row, around));

  const stopped = AbortSignal.any([watch.failed, ...(signal === undefined ? [] : [signal])]);
  await waitUntilReady(layout.readiness, READY_MS, stopped);
  const current = () => describe(layout, { admin, databases, nats, pids: watch.pids() });
  watch.onChange(() => writeDevFile(home, current()));
  const booted = cleanup.move();
  return {
    home,
    describe: current,
    ready: (withinMs) => waitUntilReady(layout.readiness, withinMs),
    [Symbol.asyncDispose]: () => booted.disposeAsync(),
  };
}

/** How long the processes of a killed stack get to leave. */
const LEAVE_MS = 30_000;

/** How long the processes get to become ready. */
const READY_MS = 60_000;
