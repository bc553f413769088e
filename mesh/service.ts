import type { DescService } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { CallListener } from "./call-record.ts";
import type { CompatRow } from "./compat/row.ts";
import { readConfig, type Config } from "./config.ts";
import type { Database } from "./database/connect.ts";
import type { Implemented } from "./edge/methods.ts";
import type { SocketEndpoint } from "./edge/sockets.ts";
import type { Bus } from "./events/bus.ts";
import type { Consumer } from "./events/consumer.ts";
import type { Feed } from "./events/feed.ts";
import type { Clients } from "./grpc/clients.ts";
import type { Job } from "./jobs/loop.ts";
import type { StreamSpec } from "./events/bus-streams.ts";
import type { Page } from "./edge.ts";
import type { Log } from "./log.ts";
import type { Person } from "./person.ts";
import { runProcess } from "./process.ts";
import type { Readiness } from "./readiness.ts";
import type { Setting, Values } from "./settings.ts";
import { startService } from "./start-service.ts";
import type { Telemetry } from "./telemetry.ts";
import type { Signer } from "./tokens.ts";

/** What a service is made of: its settings and migrations, and what it serves once it runs. */
export type ServiceDefinition<T, S extends Settings = Settings> = {
  /** The name in the certificate, and of the package in the contract. */
  readonly name: string;
  /** The folder of the service's own migrations. */
  readonly migrations: URL;
  /** The settings beside those of every service. */
  readonly settings?: S;
  /** The largest message that it takes, in bytes (G15). */
  readonly maxMessageBytes?: number;
  /** How many connections to its database it keeps, where the usual number is not enough (L14). */
  readonly poolSize?: number;
  /** Whose rights it has in its database, but for migrations; else those of its login. */
  readonly databaseRole?: string;
  /** Makes what is served, once everything it needs is there. */
  readonly start: (mesh: Mesh<T, S>) => Promise<Served<T>>;
};

/** What the mesh gives a service to work with. */
export type Mesh<T, S extends Settings = Settings> = {
  readonly name: string;
  readonly config: Config & Values<S>;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly readiness: Readiness;
  readonly db: Database<T>;
  readonly bus: Bus;
  readonly clients: Clients;
  readonly signer: Signer;
  /** The person of an access token; throws TOKEN_EXPIRED and BAD_CREDENTIALS. */
  readonly personOf: (token: string) => Promise<Person>;
  /** Ends the process for a reason of the service's own, such as a lost fence. */
  readonly stop: (cause: string, error?: unknown) => void;
  /** Aborted when the process is to end: a start that waits then throws the signal's reason. */
  readonly stopping?: AbortSignal;
};

/** What a service does. */
export type Served<T> = {
  readonly contract: readonly Implemented[];
  readonly consumers?: readonly Consumer<T>[];
  /** Event sources beside the outbox. */
  readonly feeds?: readonly Feed[];
  readonly jobs?: readonly Job[];
  /** Streams of work, beside that of the events, which the outbox fills too. */
  readonly streams?: readonly StreamSpec[];
  /** The literal paths of replaced systems, each for a method of the contract. */
  readonly compat?: readonly CompatRow[];
  /** What is answered on plain HTTP paths of the service's own. */
  readonly pages?: readonly Page[];
  /** What is served over WebSocket. */
  readonly sockets?: readonly SocketEndpoint[];
  /** Is told of every call of a method, refused ones too, but not of health and reflection. */
  readonly calls?: CallListener;
  /** Runs when no call is under way any more: writes out what is in memory. */
  readonly stop?: () => Promise<void>;
};

type Settings = Record<string, Setting<unknown>>;

/** Binds a service of the contract to what answers its methods. */
export function implemented<D extends DescService>(
  service: D,
  implementation: ServiceImpl<D>,
): Implemented {
  return { service, implementation: implementation as Partial<ServiceImpl<DescService>> };
}

/**
 * Runs a service until it is told to stop, and drains it then (RULES 4.4). It exits with 0 after
 * a drain that was asked for, else with 1.
 */
export async function runService<T, S extends Settings>(
  definition: ServiceDefinition<T, S>,
): Promise<void> {
  const { name, settings } = definition;
  await runProcess({
    name,
    read: (environment) => readConfig(environment, settings),
    start: async (given) => startService(definition, given),
  });
}
