import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { type QueryExecutorProvider, sql } from "kysely";
import { newId } from "../ids.ts";
import { MAX_EVENT_BYTES } from "../limits.ts";
import { currentTrace, toTraceparent } from "../trace.ts";
import { bucketToken, streamOfEvent, subjectOf } from "./subject.ts";

/** Whose event it is. */
export type EventKey = {
  /** The id of the object, at most 128 characters. */
  readonly key: string;
  /** The number among the events of the key, such as the version of the object. */
  readonly seq?: number;
  /** The token of the subject where keys are few, such as a market; by default the key's bucket. */
  readonly token?: string;
};

/** An event to write, and whose it is. */
export type Happening<S extends DescMessage> = EventKey & { readonly message: MessageShape<S> };

/**
 * Writes an event in the transaction of what it tells: it leaves only if that stays (O1). Throws
 * when the event is larger than the broker takes.
 */
export async function append<S extends DescMessage>(
  tx: QueryExecutorProvider,
  schema: S,
  message: MessageShape<S>,
  key: EventKey,
): Promise<void> {
  await appendAll(tx, schema, [{ ...key, message }]);
}

/** Writes events of one kind, in order, as `append` writes each of them. */
export async function appendAll<S extends DescMessage>(
  tx: QueryExecutorProvider,
  schema: S,
  happenings: readonly Happening<S>[],
): Promise<void> {
  const rows = happenings.map(({ message, key, seq, token = bucketToken(key) }) => {
    return { subject: subjectOf(schema, token), key, seq, payload: toBinary(schema, message) };
  });
  await enqueue(tx, streamOfEvent(schema), rows);
}

/** An event as its row in the outbox has it. */
export type OutboxRow = {
  readonly stream: string;
  readonly eventId: string;
  readonly subject: string;
  readonly key: string;
  /** The number among the events of the key. */
  readonly seq?: number;
  readonly traceparent?: string;
  readonly payload: Uint8Array;
};

/**
 * Makes the row of an event for a transaction that writes its own statements; that has to call
 * `committed` afterwards. Throws when the event is larger than the broker takes.
 */
export function outboxRow<S extends DescMessage>(
  schema: S,
  { message, key, seq, token = bucketToken(key) }: Happening<S>,
): OutboxRow {
  const payload = toBinary(schema, message);
  assertSize(payload.length);
  const names = { stream: streamOfEvent(schema), eventId: newId() };
  for (const listener of listeners) listener();
  return { ...names, subject: subjectOf(schema, token), key, payload, ...(seq && { seq }) };
}

/** Something for a stream of work: what it is of is the sender's and the reader's own affair. */
export type Queued = {
  readonly subject: string;
  /** What it is about, at most 128 characters. */
  readonly key: string;
  readonly seq?: number | undefined;
  readonly payload: Uint8Array;
};

/** Writes work for a stream in the transaction that makes it: it leaves only if that stays. */
export async function enqueue(
  tx: QueryExecutorProvider,
  stream: string,
  work: readonly Queued[],
): Promise<void> {
  if (work.length === 0) return;
  const largest = Math.max(...work.map(({ payload }) => payload.length));
  assertSize(largest);
  const trace = currentTrace();
  const traceparent = trace === undefined ? null : toTraceparent(trace);
  const column = <K extends keyof Queued>(name: K) => work.map((one) => one[name] ?? null);
  await sql`
    insert into outbox (stream, event_id, subject, key, seq, traceparent, payload)
    select ${stream}, event_id, subject, key, seq, ${traceparent}, payload
    from unnest(${work.map(() => newId())}::uuid[], ${column("subject")}::text[],
      ${column("key")}::text[], ${column("seq")}::bigint[],
      ${work.map(({ payload }) => Buffer.from(payload))}::bytea[])
      with ordinality as work (event_id, subject, key, seq, payload, place)
    order by place`.execute(tx);
  for (const listener of listeners) listener();
}

function assertSize(bytes: number): void {
  if (bytes <= MAX_EVENT_BYTES) return;
  throw new RangeError(`an event of ${bytes} bytes; ${MAX_EVENT_BYTES} bytes are allowed`);
}

/** Calls the listener when an event was appended in this process; its commit is still to come. */
export function onAppend(listener: () => void): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => listeners.delete(listener) };
}

/**
 * Says that a transaction with events has committed, so that they leave at once. Saying nothing
 * costs some milliseconds: relays look for what was appended until they find it.
 */
export function committed(): void {
  for (const listener of commitListeners) listener();
}

/** Calls the listener when somebody says that events have committed in this process. */
export function onCommitted(listener: () => void): Disposable {
  commitListeners.add(listener);
  return { [Symbol.dispose]: () => commitListeners.delete(listener) };
}

const listeners = new Set<() => void>();
const commitListeners = new Set<() => void>();
