import assert from "node:assert/strict";
import type { DescService } from "@bufbuild/protobuf";
import {
  type CallOptions,
  type Client,
  createClient,
  type HandlerContext,
  type Interceptor,
  type Transport,
} from "@connectrpc/connect";
import type { ChannelOptions } from "@grpc/grpc-js";
import { callerKey } from "../access.ts";
import { timeLeftMs } from "../deadline.ts";
import type { ServiceIdentity } from "../identity.ts";
import { MAX_BATCH_MESSAGE_BYTES, MAX_DEADLINE_MS } from "../limits.ts";
import { ruleOf } from "../rule.ts";
import type { Signer } from "../tokens.ts";
import { passTrace, traceKey } from "../trace.ts";
import { checkServiceConfig, serviceConfig } from "./service-config.ts";
import { GrpcTransport } from "./transport.ts";

/** The clients of a service, with one channel for each service that it calls (G17). */
export type Clients = Disposable & {
  /** A client of a service of the contract. Ask for all of them at the start. */
  readonly of: <S extends DescService>(service: S) => Client<S>;
  /** Opens the channels and begins to connect; until then the first call does. */
  readonly open: () => void;
  /** How many channels there are. */
  readonly channels: () => number;
};

/** What clients prove themselves with, and where the others are. */
export type ClientsOptions = {
  readonly identity: Pick<ServiceIdentity, "channelCredentials">;
  readonly signer: Pick<Signer, "internalToken">;
  /** The address of each service by its name, such as "127.0.0.1:50051". */
  readonly peers: Readonly<Record<string, string>>;
};

/**
 * Makes clients whose calls carry this service's internal token, and the person and the trace of
 * the call that they are made for. They wait for a service that is away, end at the default
 * deadline of their method unless another is given (G7), and repeat what is safe to repeat (G10).
 */
export function createClients({ identity, signer, peers }: ClientsOptions): Clients {
  const services = new Map<string, Set<DescService>>();
  const transports = new Map<string, GrpcTransport>();
  const open = (name: string) => {
    const known = transports.get(name);
    if (known !== undefined) return known;
    const config = serviceConfig(services.get(name)!);
    checkServiceConfig(config);
    const transport = new GrpcTransport(targetOf(peers[name]!), identity.channelCredentials(name), {
      ...channelOptions,
      "grpc.ssl_target_name_override": name, // an address is no name that TLS may ask for
      "grpc.service_config": JSON.stringify(config),
      interceptors: [credentials(signer, name)],
      waitForReady: true,
      defaultTimeoutMs: (method) => ruleOf(method)?.defaultTimeoutMs ?? MAX_DEADLINE_MS,
    });
    transports.set(name, transport);
    return transport;
  };
  return {
    of: (service) => {
      const name = serviceOf(service);
      assert(peers[name] !== undefined, `there is no address of ${name}`);
      const known = services.get(name) ?? new Set();
      assert(known.has(service) || !transports.has(name), `the channel to ${name} is open already`);
      services.set(name, known.add(service));
      const lazy: Transport = {
        unary: async (...call) => open(name).unary(...call),
        stream: async (...call) => open(name).stream(...call),
      };
      return createClient(service, lazy);
    },
    open: () => {
      for (const name of services.keys()) open(name).connect();
    },
    channels: () => transports.size,
    [Symbol.dispose]: () => {
      for (const transport of transports.values()) transport[Symbol.dispose]();
    },
  };
}

/** Passes on to a call what the call that causes it brought: its end, its person and its trace. */
export function callOptions({
  signal,
  values,
}: Pick<HandlerContext, "signal" | "values">): CallOptions {
  const timeoutMs = timeLeftMs(values);
  return { signal, contextValues: values, ...(timeoutMs !== undefined && { timeoutMs }) };
}

/** Proves this service, for whom it calls and in which trace. */
function credentials(signer: ClientsOptions["signer"], target: string): Interceptor {
  return (next) => async (request) => {
    const { contextValues, header } = request;
    header.set(
      "x-internal-token",
      await signer.internalToken(target, contextValues.get(callerKey)?.person),
    );
    const trace = contextValues.get(traceKey);
    if (trace !== undefined) passTrace(trace, header);
    return next(request);
  };
}

/** The service that serves a part of the contract: "billing" for mizan.billing.v1. */
function serviceOf({ typeName }: DescService): string {
  const name = /^mizan\.([a-z]+)\./.exec(typeName)?.[1];
  assert(name !== undefined, `${typeName} is not of the contract`);
  return name;
}

/** An address as gRPC's resolvers want it; those of this kind need no DNS (G27). */
function targetOf(address: string): string {
  return /^(\d+\.){3}\d+:\d+(,(\d+\.){3}\d+:\d+)*$/.test(address) ? `ipv4:${address}` : address;
}

/** RULES 4.2. */
const channelOptions: ChannelOptions = {
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 5000,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.service_config_disable_resolution": 1,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 2000,
  "grpc.client_idle_timeout_ms": 2 ** 31 - 1,
  "grpc.max_receive_message_length": MAX_BATCH_MESSAGE_BYTES,
  "grpc.dns_min_time_between_resolutions_ms": 5000,
  "grpc.enable_channelz": 0,
};
