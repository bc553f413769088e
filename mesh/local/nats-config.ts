import { MAX_EVENT_BYTES, MAX_EVENT_HEADER_BYTES } from "../limits.ts";

/** What the broker counts as one message, in bytes. */
const maxPayloadBytes = MAX_EVENT_BYTES + MAX_EVENT_HEADER_BYTES;

/** A nats-server's version: major, minor and patch. */
export type NatsVersion = readonly [number, number, number];

export type NatsSettings = {
  readonly port: number;
  /** The name that the server introduces itself by. */
  readonly serverName: string;
  /** Where JetStream keeps the streams. */
  readonly storeFolder: string;
  /** Writes through at every message: for chaos runs only, correctness doesn't need it (N1). */
  readonly syncAlways?: boolean | undefined;
};

/** Writes the configuration of a nats-server, with what its version understands and no more (N17). */
export function natsConfig(version: NatsVersion, settings: NatsSettings): string {
  const sync = settings.syncAlways === true && isAtLeast(version, [2, 10, 0]);
  return `# Written at every start; changes are lost.
listen: "127.0.0.1:${settings.port}"
server_name: ${JSON.stringify(settings.serverName)}
max_payload: ${maxPayloadBytes}
max_pending: ${8 * maxPayloadBytes}
jetstream {
  store_dir: ${JSON.stringify(settings.storeFolder)}
  max_memory_store: 64MB
  max_file_store: 256GB
${sync ? "  sync_interval: always\n" : ""}}
`;
}

/** Reads what `nats-server -v` prints. */
export function parseNatsVersion(text: string): NatsVersion {
  const found = /v(\d+)\.(\d+)\.(\d+)/.exec(text);
  if (found === null) throw new Error(`this is not the version of a nats-server: ${text}`);
  return [Number(found[1]), Number(found[2]), Number(found[3])];
}

function isAtLeast(version: NatsVersion, least: NatsVersion): boolean {
  const differs = version.findIndex((part, at) => part !== least[at]);
  return differs === -1 || version[differs]! > least[differs]!;
}
