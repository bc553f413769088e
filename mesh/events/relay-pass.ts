import type { Connection } from "../database/connection.ts";
import * as limits from "../limits.ts";
import type { Log } from "../log.ts";
import type { Bus } from "./bus.ts";
import type { Outgoing } from "./bus-publish.ts";
import type { StreamSpec } from "./bus-streams.ts";
import type { Feed } from "./feed.ts";
import { feedSource } from "./feed-source.ts";
import { OFFSET_HEADER, replayId } from "./headers.ts";
import { outboxSource, outboxWaiting } from "./outbox-source.ts";
import type { RelayMetrics } from "./relay-metrics.ts";
import { comparePosition, forgetRewind, savePosition, wishesRewind } from "./relay-positions.ts";
import { publishChain } from "./relay-publish.ts";
import type { Item, Source } from "./source.ts";

type Options = {
  readonly bus: Bus;
  readonly connection: Connection;
  readonly stream: StreamSpec;
  readonly feeds: readonly Feed[];
  readonly log: Log;
  readonly metrics: RelayMetrics;
};

/** Publishes what there is, pass by pass. After a failure it is of no use any more. */
export type RelayPass = AsyncDisposable & {
  /** Publishes some events of each source; tells whether there may be more. */
  readonly run: () => Promise<boolean>;
};

/** Begins to relay over a database connection, as the one relay of the stream (O3). */
export function createRelayPass(options: Options): RelayPass {
  const { bus, connection, stream, feeds } = options;
  const outbox = progressOf(outboxSource(connection, stream.name));
  const all = [outbox, ...feeds.map((feed) => progressOf(feedSource(feed)))];
  const state: State = { ...options, outbox, all, chain: undefined };
  const forget = () => (state.chain = undefined);
  const watch = bus.onConnect(forget); // compared before anything is published (N2)
  const check = periodic(limits.RELAY_CHECK_MS);
  const tidy = periodic(limits.RELAY_SAVE_MS);
  const run = async (): Promise<boolean> => {
    if (tidy()) await tidyUp(state);
    if (!bus.connected) throw new Error("the broker is away");
    if (check() || state.chain === undefined) await compare(state);
    let more = false;
    for (const progress of all) more = (await advance(state, progress)) || more;
    return more;
  };
  const stop = async () => {
    watch[Symbol.dispose]();
    await tidyUp(state).catch(() => {}); // the stream says the same
  };
  return { run, [Symbol.asyncDispose]: stop };
}

type State = Options & {
  readonly outbox: Progress;
  readonly all: readonly Progress[];
  /** The end of the stream as we left it: what each publish builds on, or the broker refuses it. */
  chain: { readonly created: string; streamSeq: number } | undefined;
};

/** How far a source is, in memory. */
type Progress = {
  readonly source: Source;
  position: number;
  streamSeq: number;
  savedStreamSeq: number;
  /** Up to which position messages have ids that the broker can't know (N5). */
  replayTo: number;
  /** Whether the operator's wish is not under way yet. */
  rewinds: boolean;
};

function progressOf(source: Source): Progress {
  return { source, position: 0, streamSeq: 0, savedStreamSeq: 0, replayTo: 0, rewinds: false };
}

/** Compares the stream with the database (N2); makes it when it is not there (N14). */
async function compare(state: State): Promise<void> {
  const { bus, connection, stream, log, metrics } = state;
  const now = await bus.ensureStream(stream, true);
  for (const progress of state.all) {
    const place = { bus, connection, stream: stream.name };
    const found = await comparePosition(place, progress.source, now, progress.position);
    progress.position = found.position;
    progress.streamSeq = found.streamSeq;
    progress.rewinds = found.replayTo > 0;
    progress.replayTo = Math.max(progress.replayTo, found.replayTo);
    if (found.surprise === undefined) continue;
    metrics.surprises.add({ stream: stream.name, surprise: found.surprise });
    const fields = { stream: stream.name, source: progress.source.name, position: found.position };
    log.error(fields, surprises[found.surprise]);
  }
  state.chain = { created: now.created, streamSeq: now.lastSeq };
}

/** Publishes some events of a source after the end of the stream; tells whether there were any. */
async function advance(state: State, progress: Progress): Promise<boolean> {
  const { bus, stream, metrics, chain } = state;
  const items = await progress.source.read(progress.position, limits.MAX_EVENTS_IN_FLIGHT);
  const last = items.at(-1);
  if (last === undefined || chain === undefined) return last !== undefined;
  const messages = items.map((item, at) => {
    return toMessage(state, progress, item, chain.streamSeq + at);
  });
  const duplicate = await publishChain(bus, messages);
  if (duplicate !== undefined) {
    progress.replayTo = items[duplicate]!.position; // unless the stream does have it
    state.chain = undefined;
    return true;
  }
  chain.streamSeq += items.length;
  progress.position = last.position;
  progress.streamSeq = chain.streamSeq;
  metrics.published.add({ stream: stream.name }, items.length);
  const nowMs = Date.now();
  for (const { atMs } of items) {
    metrics.lag.observe((nowMs - atMs) / 1000, { stream: stream.name });
  }
  if (progress.rewinds) await forgetRewind(placeOf(state), progress.source);
  progress.rewinds = false;
  return true;
}

function toMessage(state: State, from: Progress, item: Item, afterStreamSeq: number): Outgoing {
  const { position, subject, payload } = item;
  const id = position > from.replayTo ? item.id : replayId(item.id, afterStreamSeq);
  const offset = from === state.outbox ? position : state.outbox.position;
  const headers = { ...item.headers, [OFFSET_HEADER]: String(offset) };
  return { stream: state.stream.name, subject, id, headers, payload, afterStreamSeq };
}

/** Writes down how far the sources are and how much waits, and looks for the operator's wishes. */
async function tidyUp(state: State): Promise<void> {
  const { chain, connection, metrics } = state;
  const stream = state.stream.name;
  for (const progress of state.all) {
    if (chain === undefined || progress.savedStreamSeq === progress.streamSeq) continue;
    await savePosition(placeOf(state), progress.source, progress, chain.created);
    progress.savedStreamSeq = progress.streamSeq;
  }
  const [waiting, isRewound] = await Promise.all([
    outboxWaiting(connection, stream),
    wishesRewind(placeOf(state)),
  ]);
  metrics.waiting.set(waiting, { stream });
  if (isRewound) state.chain = undefined; // so that it is compared
}

function placeOf({ bus, connection, stream }: State) {
  return { bus, connection, stream: stream.name };
}

/** Tells whether the time has come again, the first time at once. */
function periodic(everyMs: number): () => boolean {
  let lastMs = -Infinity;
  return () => {
    const nowMs = performance.now();
    if (nowMs - lastMs < everyMs) return false;
    lastMs = nowMs;
    return true;
  };
}

const surprises = {
  lost: "The stream has lost events; they are published again.",
  foreign: "The stream has events that this database does not know.",
};
