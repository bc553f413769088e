import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { DUPLICATE_WINDOW_MS, STREAM_MAX_AGE_MS, STREAM_MAX_BYTES } from "../limits.ts";

/** A stream and its bounds. */
export type StreamSpec = {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly maxBytes?: number;
  readonly maxAgeMs?: number;
  /** How many servers keep a copy (N16). */
  readonly replicas?: number;
  /** How often its relay looks, and at least how often while there is nothing, in milliseconds. */
  readonly pollMs?: { readonly usual: number; readonly most: number };
};

/** What a stream holds. */
export type StreamState = {
  /** When the stream was made; another time means another stream (N2). */
  readonly created: string;
  /** The number of the first message, one more than the last while the stream is empty. */
  readonly firstSeq: number;
  readonly lastSeq: number;
};

/** A message as the stream keeps it. */
export type Stored = {
  readonly streamSeq: number;
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Reads a header; undefined when the message has none of the name. */
  readonly header: (name: string) => string | undefined;
};

/** Makes a stream unless it is there (N14). Its owner also brings its bounds up to date. */
export async function ensureStream(
  jsm: JetStreamManager,
  spec: StreamSpec,
  owner: boolean,
): Promise<StreamState> {
  const found = await unlessMissing(jsm.streams.info(spec.name));
  const maxAgeMs = spec.maxAgeMs ?? STREAM_MAX_AGE_MS;
  const config = {
    subjects: [...spec.subjects],
    max_bytes: spec.maxBytes ?? STREAM_MAX_BYTES,
    max_age: nanos(maxAgeMs),
    duplicate_window: nanos(Math.min(DUPLICATE_WINDOW_MS, maxAgeMs)),
    num_replicas: spec.replicas ?? 1,
  };
  if (found === undefined) {
    return stateOf(await jsm.streams.add({ ...lasting, ...config, name: spec.name }));
  }
  const same = Object.entries(config).every(([name, value]) => {
    return String(found.config[name as keyof typeof config]) === String(value);
  });
  return stateOf(owner && !same ? await jsm.streams.update(spec.name, config) : found);
}

/** The last message of a subject. */
export function lastOf(
  jsm: JetStreamManager,
  stream: string,
  subject: string,
): Promise<Stored | undefined> {
  return find(jsm, stream, { last_by_subj: subject });
}

/** The message with a number of the stream. */
export function messageAt(
  jsm: JetStreamManager,
  stream: string,
  streamSeq: number,
): Promise<Stored | undefined> {
  return find(jsm, stream, { seq: streamSeq });
}

async function find(
  jsm: JetStreamManager,
  stream: string,
  which: { seq: number } | { last_by_subj: string },
): Promise<Stored | undefined> {
  const found = await unlessMissing(jsm.streams.getMessage(stream, which));
  if (found === undefined || found === null) return undefined;
  const { seq: streamSeq, subject, data: payload, header: headers } = found;
  const header = (name: string) => (headers.has(name) ? headers.get(name) : undefined);
  return { streamSeq, subject, payload, header };
}

/** N8: a full stream refuses what is new. N7: a consumer that has read a message doesn't end it. */
const lasting = {
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  storage: StorageType.File,
  deny_delete: true, // N3
  deny_purge: true,
};

function stateOf({ created, state }: StreamInfo): StreamState {
  const firstSeq = state.messages === 0 ? state.last_seq + 1 : state.first_seq;
  return { created, firstSeq, lastSeq: state.last_seq };
}

async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof JetStreamApiError && missing.has(error.code)) return undefined;
    throw error;
  }
}

const missing = new Set<number>([
  JetStreamApiCodes.StreamNotFound,
  JetStreamApiCodes.NoMessageFound,
]);
