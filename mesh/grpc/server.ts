import type { DescService } from "@bufbuild/protobuf";
import type { Interceptor, ServiceImpl } from "@connectrpc/connect";
import { Server, type ServerOptions } from "@grpc/grpc-js";
import { Health } from "#gen/grpc/health/v1/health_pb.ts";
import type { ServiceIdentity } from "../identity.ts";
import { endStreams } from "../interceptors/end-streams.ts";
import { errors } from "../interceptors/errors.ts";
import { peersOnly } from "../interceptors/peers.ts";
import {
  CONNECTION_AGE_MS,
  CONNECTION_GRACE_MS,
  MAX_MESSAGE_BYTES,
  MAX_SESSION_MEGABYTES,
} from "../limits.ts";
import { fail } from "../reasons.ts";
import { clampTimeouts } from "./clamp-timeouts.ts";
import { createHealth } from "./health.ts";
import { hearRefused, type RefusedConnection } from "./hear-refused.ts";
import { addReflection } from "./reflection.ts";
import { addService } from "./serve.ts";
import { keepSessions } from "./sessions.ts";

/** The inside wire of a service: gRPC over mTLS alone (G23). */
export type GrpcServer = AsyncDisposable & {
  readonly port: number;
  /** Tells health whether the server takes calls; it says no until it is told otherwise. */
  readonly setServing: (isServing: boolean) => void;
  /** Takes no new call, ends the streams, and gives the rest so long to end (§4.4, F7). */
  readonly drain: (graceMs: number) => Promise<void>;
};

/** What a server serves, to whom and where. */
export type GrpcServerOptions = {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly identity: Pick<ServiceIdentity, "serverCredentials" | "isDenied">;
  readonly contract: readonly {
    readonly service: DescService;
    readonly implementation: Partial<ServiceImpl<DescService>>;
  }[];
  readonly interceptors: readonly Interceptor[];
  readonly maxMessageBytes?: number;
  /** After how long a peer is told to connect anew, if not CONNECTION_AGE_MS. */
  readonly connectionAgeMs?: number;
  /** Whether the operator may ask for the contract; off in production (G26). */
  readonly hasReflection: boolean;
  /** Is told of the connections that TLS refuses. */
  readonly refused?: (connection: RefusedConnection) => void;
};

/** Serves a contract inside the mesh, with health for every peer. Throws when the port is taken. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { contract, identity, interceptors, maxMessageBytes = MAX_MESSAGE_BYTES } = options;
  const server = new Server({
    ...serverOptions,
    "grpc.max_connection_age_ms": options.connectionAgeMs ?? CONNECTION_AGE_MS,
    "grpc.max_receive_message_length": maxMessageBytes,
  });
  clampTimeouts(server);
  const sessions = keepSessions(server);
  if (options.refused !== undefined) hearRefused(server, options.refused);
  const services = contract.map(({ service }) => service);
  const draining = new AbortController();
  const around = [endStreams(draining.signal), ...interceptors];
  for (const { service, implementation } of contract) {
    addService(server, service, implementation, around);
  }
  const health = createHealth(services.map(({ typeName }) => typeName));
  addService(server, Health, health.implementation, [errors, peersOnly(identity, () => true)]);
  if (options.hasReflection) {
    const operatorOnly = peersOnly(identity, (service) => service === "operator");
    addReflection(server, [...services, Health], [errors, operatorOnly]);
  }
  const port = await bind(server, options);
  const drain = async (graceMs: number) => {
    draining.abort(fail("SHUTTING_DOWN", { resource: "the service" }));
    health.end();
    // In this order: drain ends the connections after the grace, which forceShutdown does not do
    // without channelz, and tryShutdown lets nobody come back (F7).
    server.drain(`${options.host}:${port}`, graceMs);
    const cut = setTimeout(sessions.destroy, graceMs); // those that had their age, which drain forgets
    await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    clearTimeout(cut);
  };
  return { port, setServing: health.set, drain, [Symbol.asyncDispose]: async () => drain(0) };
}

async function bind(
  server: Server,
  { host, port, identity }: Pick<GrpcServerOptions, "host" | "port" | "identity">,
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, identity.serverCredentials(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
}

/** Streams that run when their connection has its age end on it; only new calls move on. */
const serverOptions: ServerOptions = {
  "grpc.max_connection_age_grace_ms": CONNECTION_GRACE_MS,
  "grpc.max_concurrent_streams": 200,
  "grpc-node.max_session_memory": MAX_SESSION_MEGABYTES,
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 5000,
  "grpc.enable_channelz": 0,
};
