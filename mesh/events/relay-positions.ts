import type { Connection } from "../database/connection.ts";
import type { Bus } from "./bus.ts";
import type { StreamState } from "./bus-streams.ts";
import type { Found, Source } from "./source.ts";

/** Where the relay works: a stream, and the database that its events are in. */
export type RelayPlace = {
  readonly bus: Bus;
  readonly connection: Connection;
  readonly stream: string;
};

/** How far a source is in the stream. */
export type Comparison = Found & {
  /** Up to which position events go out again by the operator's wish (N1). */
  readonly replayTo: number;
  /** "lost": the stream has lost events. "foreign": it has some that the database doesn't know. */
  readonly surprise: "lost" | "foreign" | undefined;
};

/** Compares what the stream has of a source with the database and with what it is known to have. */
export async function comparePosition(
  { bus, connection, stream }: RelayPlace,
  source: Source,
  state: StreamState,
  knownPosition: number,
): Promise<Comparison> {
  const [saved] = await connection.query<Saved>(read, [stream, source.name]);
  const found = await source.locate(bus, state);
  const had = decidePosition(found, saved, state);
  const last = await source.last();
  const floor = await source.floor();
  const position = Math.max(floor, Math.min(had, last));
  const foreign = had > last; // the database is an older one: what it has next must not be skipped
  const known = { position, streamSeq: found?.streamSeq ?? saved?.streamSeq ?? 0 };
  if (foreign) await savePosition({ connection, stream }, source, known, state.created);
  const [wish] = await connection.query<{ position: number }>(rewind, [stream, source.name]);
  if (wish !== undefined && wish.position < position) {
    const start = Math.max(floor, wish.position); // consumers remember no older ones (O5)
    return { ...known, position: start, replayTo: position, surprise: undefined };
  }
  if (wish !== undefined) await forgetRewind({ connection, stream }, source); // it is there already
  const lost = position < Math.max(knownPosition, saved?.position ?? 0);
  return { ...known, replayTo: 0, surprise: foreign ? "foreign" : lost ? "lost" : undefined };
}

/** What the relay has written down about a source. */
export type Saved = Found & { readonly created: string };

/**
 * Decides how far a source is, by the last of its messages in the stream. What was written down
 * counts when it is about the same message, or when the stream has outlived that message.
 */
export function decidePosition(
  found: Found | undefined,
  saved: Saved | undefined,
  { created, firstSeq }: StreamState,
): number {
  const known = saved?.created === created ? saved : undefined;
  if (found !== undefined) {
    return found.streamSeq === known?.streamSeq ? known.position : found.position;
  }
  return known !== undefined && known.streamSeq < firstSeq ? known.position : 0;
}

/** Writes down how far a source is. */
export async function savePosition(
  { connection, stream }: Omit<RelayPlace, "bus">,
  source: Source,
  { position, streamSeq }: Found,
  created: string,
): Promise<void> {
  await connection.query(save, [stream, source.name, position, streamSeq, created]);
}

/** Whether an operator wishes something of the stream to be published again (N1). */
export async function wishesRewind({ connection, stream }: Omit<RelayPlace, "bus">) {
  return (await connection.query(wishes, [stream])).length > 0;
}

/** Forgets the operator's wish, when it is under way for good. */
export async function forgetRewind(
  { connection, stream }: Omit<RelayPlace, "bus">,
  source: Source,
): Promise<void> {
  await connection.query(forget, [stream, source.name]);
}

const read = `select position, stream_seq as "streamSeq", stream_created as created
  from relay_position where stream = $1 and source = $2`;
const save = `insert into relay_position (stream, source, position, stream_seq, stream_created)
  values ($1, $2, $3, $4, $5) on conflict (stream, source) do update
  set position = excluded.position, stream_seq = excluded.stream_seq,
    stream_created = excluded.stream_created`;
const rewind = "select position from relay_rewind where stream = $1 and source = $2";
const wishes = "select from relay_rewind where stream = $1 limit 1";
const forget = "delete from relay_rewind where stream = $1 and source = $2";
