import { setTimeout as sleep } from "node:timers/promises";
import { createAdmission } from "./admission/admission.ts";
import { startAdmin } from "./admin.ts";
import { compatPage } from "./compat.ts";
import type { Config } from "./config.ts";
import { connect, type Database } from "./database/connect.ts";
import { migrate } from "./database/migrate.ts";
import { pruning } from "./database/prune-idempotency.ts";
import { asRole } from "./database/role.ts";
import { docs } from "./edge/docs.ts";
import { startEdge } from "./edge.ts";
import { connectBus } from "./events/bus.ts";
import { startConsumers } from "./events/consume.ts";
import { pruneEvents } from "./events/prune.ts";
import { startRelay } from "./events/relay.ts";
import { streamOf } from "./events/subject.ts";
import { createClients } from "./grpc/clients.ts";
import { logGrpcTo } from "./grpc/log.ts";
import { recordRefused } from "./grpc/record-refused.ts";
import { startGrpcServer } from "./grpc/server.ts";
import { openIdentity } from "./identity.ts";
import { bearerOf } from "./interceptors/access.ts";
import { serverChain } from "./interceptors/chain.ts";
import { startJobs } from "./jobs/loop.ts";
import * as limits from "./limits.ts";
import type { Given } from "./process.ts";
import { createReadiness } from "./readiness.ts";
import type { Mesh, Served, ServiceDefinition } from "./service.ts";
import type { Setting, Values } from "./settings.ts";
import { createTelemetry } from "./telemetry.ts";
import { createVerifier, type Verifier } from "./token-verifier.ts";
import { createSigner } from "./tokens.ts";

/** What a service is started with. */
export type Start<S extends Settings> = Given<Config & Values<S>>;

type Settings = Record<string, Setting<unknown>>;

/** A service that runs; disposing of it drains it in the order of RULES 4.4. */
export type RunningService = AsyncDisposable & {
  readonly grpcPort: number;
  readonly httpPort: number;
};

/** Starts a service: what it needs first, what it serves last. Stops in the reverse order. */
export async function startService<T, S extends Settings>(
  definition: ServiceDefinition<T, S>,
  start: Start<S>,
): Promise<RunningService> {
  await using parts = new AsyncDisposableStack();
  const mesh = await openMesh(definition, start, parts);
  const served = await definition.start(mesh);
  startRelayOf(served, mesh, parts);
  if (served.stop !== undefined) parts.defer(served.stop);
  const ports = await serve(definition, { mesh, served, config: start.config }, parts);
  startBackground(served, mesh, parts);
  const setServing = (isServing: boolean) => {
    ports.setServing(isServing);
    mesh.readiness[isServing ? "serving" : "draining"]();
  };
  parts.defer(async () => {
    setServing(false);
    await sleep(start.config.drainWaitMs); // balancers have to notice first
  });
  mesh.clients.open();
  setServing(true);
  const { grpcPort, httpPort } = ports;
  mesh.log.info({ grpcPort, httpPort }, "the service is ready");
  const running = parts.move();
  return { grpcPort, httpPort, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Opens all that a service works with; the last opened is closed first. */
async function openMesh<T, S extends Settings>(
  { name, migrations, databaseRole, poolSize = limits.DATABASE_POOL_SIZE }: ServiceDefinition<T, S>,
  { config, log, stop, stopping }: Start<S>,
  parts: AsyncDisposableStack,
): Promise<OpenMesh<T, S>> {
  const telemetry = parts.use(createTelemetry(name));
  const readiness = createReadiness();
  logGrpcTo(log);
  const { adminHost: host, adminPort: port, certs, databaseUrl } = config;
  parts.use(await startAdmin({ host, port, readiness, telemetry, log }));
  const identity = parts.use(openIdentity({ folder: certs, service: name, log }));
  const signer = parts.use(createSigner(certs, name, { log }));
  const verifier = parts.use(createVerifier(certs, { log }));
  await migrate(databaseUrl, [new URL("database/migrations/", import.meta.url), migrations]);
  const url = asRole(databaseUrl, databaseRole);
  const db: Database<T> = parts.use(connect({ url, max: poolSize, name }));
  const bus = parts.use(await connectBus({ url: config.natsUrl, name, log }));
  const clients = parts.use(createClients({ peers: config.peers, identity, signer }));
  readiness.check("database", () => db.ping());
  telemetry.watch("mizan_certificate_life_used", "1 when it has ended (G18).", identity.lifeUsed);
  telemetry.watch("mizan_database_waiting", "Calls that wait for a connection.", db.waiting);
  const ending = { stop, ...(stopping && { stopping }) };
  const trust = { identity, signer, verifier, personOf: verifier.access };
  return { name, config, log, telemetry, readiness, db, bus, clients, ...trust, ...ending };
}

type OpenMesh<T, S extends Settings> = Mesh<T, S> & {
  readonly verifier: Verifier;
  readonly identity: ReturnType<typeof openIdentity>;
};

function startRelayOf<T, S extends Settings>(
  { feeds = [], streams = [] }: Served<T>,
  { name, db, bus, log, telemetry: metrics }: OpenMesh<T, S>,
  parts: AsyncDisposableStack,
): void {
  const { url } = db;
  const stream = { name: streamOf(`mizan.${name}.v1`), subjects: [`mizan.${name}.v1.>`] };
  parts.use(startRelay({ url, bus, stream, feeds, log, metrics }));
  for (const own of streams) parts.use(startRelay({ url, bus, stream: own, log, metrics }));
}

/** Starts what works without being called: consumers and jobs. */
function startBackground<T, S extends Settings>(
  { consumers = [], jobs = [] }: Served<T>,
  { name, db, bus, log, telemetry }: OpenMesh<T, S>,
  parts: AsyncDisposableStack,
): void {
  parts.use(startConsumers({ service: name, db, bus, log, metrics: telemetry, consumers }));
  parts.use(startJobs([...jobs, pruning(db), pruneEvents(db)], { db, log, telemetry }));
}

type ToServe<T, S extends Settings> = {
  readonly mesh: OpenMesh<T, S>;
  readonly served: Served<T>;
  readonly config: Config;
};

type Wires = {
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly setServing: (isServing: boolean) => void;
};

/** Opens both wires; they take no new calls together, and wait for those under way together. */
async function serve<T, S extends Settings>(
  { name, maxMessageBytes = limits.MAX_MESSAGE_BYTES }: ServiceDefinition<T, S>,
  { mesh, served, config }: ToServe<T, S>,
  parts: AsyncDisposableStack,
): Promise<Wires> {
  const { log, telemetry, identity, verifier, db } = mesh;
  // A loop that is late and has little to do waits for a busy machine: fewer calls would not help.
  const isPressed = () =>
    (telemetry.eventLoopDelayP99Ms() > limits.MAX_EVENT_LOOP_DELAY_MS &&
      telemetry.eventLoopUtilization() > limits.MAX_UNPRESSED_UTILIZATION) ||
    db.waitedMs() > limits.MAX_UNPRESSED_WAIT_MS;
  const admission = createAdmission({ isPressed });
  const { state } = admission;
  telemetry.watch("mizan_calls_limit", "How many calls may run at a time.", () => state().limit);
  telemetry.watch("mizan_calls_waiting", "Calls that wait for a place.", () => state().waiting);
  telemetry.watch("mizan_calls_refused", "Calls refused for overload.", () => state().refused);
  const gate = { service: name, verifier, isDenied: identity.isDenied };
  const { contract, calls, compat = [], pages: own = [], sockets = [] } = served;
  const interceptors = serverChain({ gate, log, calls, telemetry, admission });
  const { host } = config;
  const common = { contract, interceptors, maxMessageBytes, host, log, calls, telemetry };
  const hasReflection = config.profile !== "production";
  const grpc = await startGrpcServer({
    ...common,
    port: config.grpcPort,
    identity,
    hasReflection,
    refused: recordRefused({ log, metrics: telemetry, calls }),
  });
  parts.defer(() => grpc.drain(0));
  const personOf = async (authorization: string | undefined) =>
    verifier.access(bearerOf(authorization) ?? "").catch(() => undefined);
  const plain = compatPage({
    rows: compat,
    contract,
    interceptors,
    personOf,
    log,
    calls,
    telemetry,
  });
  const pages = [
    plain,
    ...own,
    docs({ document: new URL("../gen/openapi.json", import.meta.url), log }),
  ];
  const { trustedProxies, allowedOrigins } = config;
  const edge = await startEdge({
    ...common,
    port: config.httpPort,
    trustedProxies,
    allowedOrigins,
    pages,
    sockets,
  });
  parts.defer(async () => {
    const graceMs = limits.DRAIN_GRACE_MS;
    await Promise.all([grpc.drain(graceMs), edge.drain(graceMs)]);
  });
  return { grpcPort: grpc.port, httpPort: edge.port, setServing: grpc.setServing };
}
