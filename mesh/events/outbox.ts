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

/**
 * Writes an event in the transaction of what it tells: it leaves only if that stays (O1). Throws
 * when the event is larger than the broker takes.
 */
export async function append<S extends DescMessage>(
  tx: QueryExecutorProvider,
  schema: S,
  message: MessageShape<S>,
  { key, seq, token = bucketToken(key) }: EventKey,
): Promise<void> {
  const payload = toBinary(schema, message);
  if (payload.length > MAX_EVENT_BYTES) {
    throw new RangeError(
      `an event of ${payload.length} bytes; ${MAX_EVENT_BYTES} bytes are allowed`,
    );
  }
  const trace = currentTrace();
  const traceparent = trace === undefined ? null : toTraceparent(trace);
  await sql`
    insert into outbox (stream, event_id, subject, key, seq, traceparent, payload)
    values (${streamOfEvent(schema)}, ${newId()}, ${subjectOf(schema, token)}, ${key},
      ${seq ?? null}, ${traceparent}, ${payload})`.execute(tx);
  for (const listener of listeners) listener();
}

/** Calls the listener when an event was appended in this process; its commit is still to come. */
export function onAppend(listener: () => void): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => listeners.delete(listener) };
}

const listeners = new Set<() => void>();
