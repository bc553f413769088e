import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { sql, type Transaction } from "kysely";
import { Registry } from "prom-client";
import type { Database } from "../database/connect.ts";
import { transaction } from "../database/transaction.ts";
import { type Bus, connectBus } from "../events/bus.ts";
import type { Stored } from "../events/bus-streams.ts";
import { startConsumers } from "../events/consume.ts";
import { type Consumer, consumer, type EventMeta } from "../events/consumer.ts";
import type { Feed, FeedMessage } from "../events/feed.ts";
import { append, type EventKey } from "../events/outbox.ts";
import { type Relay, startRelay } from "../events/relay.ts";
import { reasonOf } from "../errors.ts";
import { createMetrics } from "../metrics.ts";
import { testLog, type TestLog } from "./log.ts";
import { testNats, type TestNats } from "./nats.ts";
import { testDatabase } from "./postgres.ts";

/** The stream of the test's events. */
export const STREAM = "GOOGLE_PROTOBUF";

/** The subject of the test's events with a token. */
export const subject = (token: string) => `google.protobuf.StringValue.${token}`;

/** A database and a broker, with relays and consumers in between; texts are the events. */
export type EventWorld = AsyncDisposable & {
  readonly db: Database<unknown>;
  readonly nats: TestNats;
  readonly bus: Bus;
  readonly log: TestLog;
  /** Commits texts, each in its own transaction. */
  readonly say: (texts: readonly string[], key?: Partial<EventKey>) => Promise<void>;
  readonly relay: (options?: RelayOptions) => Relay;
  readonly listen: (options?: ListenOptions) => AsyncDisposable;
  /** What the consumer has noted, in the order of its commits. */
  readonly noted: (consumer?: string) => Promise<string[]>;
  /** The messages that the stream has, in its order. */
  readonly stored: () => Promise<readonly StoredText[]>;
  /** What a metric shows, its series with the labels summed up. */
  readonly metric: (name: string, labels?: Readonly<Record<string, string>>) => Promise<number>;
};

type RelayOptions = {
  readonly feeds?: readonly Feed[];
  readonly maxBytes?: number;
  readonly maxAgeMs?: number;
};

type ListenOptions = {
  readonly names?: readonly string[];
  /** Who listens, instead of consumers that note texts. */
  readonly consumers?: readonly Consumer<unknown>[];
  readonly retryDelaysMs?: readonly number[];
  /** What to do before the text is noted. */
  readonly before?: (text: string, meta: EventMeta, tx: Transaction<unknown>) => Promise<void>;
};

type StoredText = Stored & { readonly text: string };

/** Makes a world of its own for a test. Its relays and consumers end with it. */
export async function eventWorld(): Promise<EventWorld> {
  const parts = new AsyncDisposableStack();
  const log = testLog();
  const registry = new Registry();
  const metrics = createMetrics(registry);
  const nats = parts.use(await testNats());
  const db = parts.use(await testDatabase());
  const table = sql`create table note (n serial primary key, consumer text, text text)`;
  await patiently(async () => table.execute(db.sql));
  const bus = parts.use(await connectBus({ url: nats.url, name: "test", log }));
  const say = async (texts: readonly string[], key: Partial<EventKey> = {}) => {
    for (const text of texts) {
      await patiently(async () => transaction(db, async (tx) => appendText(tx, text, key)));
    }
  };
  const relay = ({ feeds = [], ...bounds }: RelayOptions = {}) => {
    const stream = { name: STREAM, subjects: ["google.protobuf.>"], ...bounds };
    return parts.use(startRelay({ url: db.url, bus, stream, feeds, log, metrics }));
  };
  const listen = ({
    names = ["notes"],
    before,
    consumers = names.map((name) => noter(name, before)),
    retryDelaysMs = [50, 50],
  }: ListenOptions = {}) => {
    const service = "test";
    return parts.use(startConsumers({ db, bus, service, consumers, log, metrics, retryDelaysMs }));
  };
  const noted = async (name = "notes") => {
    const notes = sql<{ text: string }>`select text from note where consumer = ${name} order by n`;
    const found = await patiently(async () => notes.execute(db.sql));
    return found.rows.map(({ text }) => text);
  };
  const metric = async (name: string, wanted: Readonly<Record<string, string>> = {}) => {
    const values = (await registry.getSingleMetric(name)?.get())?.values ?? [];
    const matches = ({ labels }: { labels: object }) => {
      const shown = labels as Record<string, unknown>;
      return Object.entries(wanted).every(([label, value]) => shown[label] === value);
    };
    return values.filter(matches).reduce((sum, { value }) => sum + value, 0);
  };
  const stored = async () => storedIn(bus);
  const dispose = async () => parts.disposeAsync();
  return {
    db,
    nats,
    bus,
    log,
    say,
    relay,
    listen,
    noted,
    stored,
    metric,
    [Symbol.asyncDispose]: dispose,
  };
}

/** A consumer that notes texts under its name. */
function noter(name: string, before: ListenOptions["before"]): Consumer<unknown> {
  return consumer(StringValueSchema, name, async (tx, { value }, meta) => {
    await before?.(value, meta, tx);
    await sql`insert into note (consumer, text) values (${name}, ${value})`.execute(tx);
  });
}

/** Tries again while the machine is too busy to open a connection in time (L14). */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (reasonOf(error) !== "OVERLOADED") throw error;
    }
  }
}

/** Appends a text as an event, by default with the key "a" and the token "0". */
export async function appendText(
  tx: Transaction<unknown>,
  value: string,
  key: Partial<EventKey> = {},
): Promise<void> {
  const message = create(StringValueSchema, { value });
  await append(tx, StringValueSchema, message, { key: "a", token: "0", ...key });
}

async function storedIn(bus: Bus): Promise<StoredText[]> {
  const { firstSeq, lastSeq } = await bus.ensureStream({
    name: STREAM,
    subjects: ["google.protobuf.>"],
  });
  const places = Array.from({ length: lastSeq - firstSeq + 1 }, (_, place) => firstSeq + place);
  const found = await Promise.all(places.map(async (place) => bus.messageAt(STREAM, place)));
  return found
    .filter((message) => message !== undefined)
    .map((message) => {
      const { value: text } = fromBinary(StringValueSchema, message.payload);
      return Object.assign(message, { text });
    });
}

/** A feed in memory, whose every commit is one message with the texts in one. */
export type TestFeed = Feed & { readonly commit: (...texts: string[]) => void };

/** Makes an empty feed of the key "feed", whose messages up to the horizon are too old. */
export function testFeed({ horizon = 0 } = {}): TestFeed {
  const messages: FeedMessage[] = [];
  const listeners = new Set<() => void>();
  const last = () => messages.at(-1)?.seq ?? 0;
  const commit = (...texts: string[]) => {
    const firstSeq = last() + 1;
    const message = create(StringValueSchema, { value: texts.join(" ") });
    const payload = toBinary(StringValueSchema, message);
    const seq = last() + texts.length;
    messages.push({ id: `feed-${firstSeq}`, firstSeq, seq, payload, atMs: Date.now() });
    for (const listener of listeners) listener();
  };
  return {
    event: StringValueSchema,
    key: "feed",
    read: async (after, limit) => messages.filter(({ seq }) => seq > after).slice(0, limit),
    horizon: async () => horizon,
    last: async () => last(),
    since: async (atMs) => {
      const old = messages.filter((message) => message.atMs < atMs);
      return { afterSeq: old.at(-1)?.seq ?? 0, count: messages.length - old.length };
    },
    onCommit: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => listeners.delete(listener) };
    },
    commit,
  };
}
