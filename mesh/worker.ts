import { setTimeout as sleep } from "node:timers/promises";
import { startAdmin } from "./admin.ts";
import { type ProcessConfig, readProcessConfig } from "./config.ts";
import { connect, type Database } from "./database/connect.ts";
import { type Bus, connectBus } from "./events/bus.ts";
import { WORKER_POOL_SIZE, WORKER_START_MS } from "./limits.ts";
import type { Log } from "./log.ts";
import { type Given, runProcess } from "./process.ts";
import { createReadiness, type Readiness } from "./readiness.ts";
import type { Setting, Values } from "./settings.ts";
import { createTelemetry, type Telemetry } from "./telemetry.ts";

/** A process that works for a service and is called by nobody. */
export type WorkerDefinition<T, S extends Settings> = {
  /** The service that it works for, whose database it shares. */
  readonly service: string;
  readonly settings: S;
  /** Its part of the work, by which logs and metrics tell it from others: "sms-bulk". */
  readonly name: (config: ProcessConfig & Values<S>) => string;
  /** Begins the work. Disposing of the result ends it, when what is under way is done. */
  readonly start: (workplace: Workplace<T, S>) => Promise<AsyncDisposable>;
};

/** What a worker has to work with. */
export type Workplace<T, S extends Settings = Settings> = {
  readonly config: ProcessConfig & Values<S>;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly readiness: Readiness;
  /** A pool of its own, so that lanes don't wait for each other. */
  readonly db: Database<T>;
  readonly bus: Bus;
};

type Settings = Record<string, Setting<unknown>>;

/**
 * Runs a worker until it is told to stop, and drains it then. The schema is the service's: a
 * worker that comes first waits until `ready` finds it.
 */
export async function runWorker<T, S extends Settings>(
  definition: WorkerDefinition<T, S>,
): Promise<void> {
  await runProcess({
    name: `${definition.service} worker`,
    read: (environment) => readProcessConfig(environment, definition.settings),
    start: async (given) => startWorker(definition, given),
  });
}

/** Starts a worker in this process. */
export async function startWorker<T, S extends Settings>(
  definition: WorkerDefinition<T, S>,
  { config, log: given }: Pick<Given<ProcessConfig & Values<S>>, "config" | "log">,
): Promise<AsyncDisposable> {
  await using parts = new AsyncDisposableStack();
  const name = definition.name(config);
  const log = given.child({ worker: name });
  const telemetry = parts.use(createTelemetry(name));
  const readiness = createReadiness();
  const { adminHost: host, adminPort: port, databaseUrl: url } = config;
  parts.use(await startAdmin({ host, port, readiness, telemetry, log }));
  const db: Database<T> = parts.use(connect({ url, max: WORKER_POOL_SIZE, name }));
  const bus = parts.use(await connectBus({ url: config.natsUrl, name, log }));
  readiness.check("database", () => db.ping());
  parts.use(await definition.start({ config, log, telemetry, readiness, db, bus }));
  parts.defer(async () => readiness.draining());
  readiness.serving();
  log.info("the worker is ready");
  const running = parts.move();
  return { [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Tries until it goes well, since the service may start later than its worker; bounded. */
export async function eventually<R>(attempt: () => Promise<R>): Promise<R> {
  const endMs = performance.now() + WORKER_START_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() >= endMs) throw error;
      await sleep(RETRY_MS);
    }
  }
}

const RETRY_MS = 200;
