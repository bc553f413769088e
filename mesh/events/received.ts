import { type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import { receiveTrace, type Trace } from "../trace.ts";
import type { Delivery } from "./bus-pull.ts";
import type { EventMeta } from "./consumer.ts";
import * as names from "./headers.ts";

/** An event as it came, whatever it is worth. */
export type Received = Pick<Delivery, "subject" | "payload"> & {
  readonly id: string;
  readonly headers: names.EventHeaders;
};

/** Takes an event out of a delivery. One without an id has its place in the stream as its id. */
export function receive(delivery: Delivery): Received {
  const { stream, streamSeq, subject, payload, header } = delivery;
  const headers: Record<string, string> = {};
  for (const name of kept) {
    const value = header(name);
    if (value !== undefined) headers[name] = value;
  }
  const id = names.eventIdOf(header(names.ID_HEADER) ?? `${stream}/${streamSeq}`);
  return { id, subject, payload, headers };
}

/** Reads the message of an event and what is known of it; throws when it can't be read. */
export function decode(event: DescMessage, received: Received): [Message, EventMeta] {
  const { headers, id, subject, payload } = received;
  const seq = headers[names.SEQ_HEADER];
  const key = headers[names.KEY_HEADER];
  const atMs = timeOf(received);
  if (key === undefined || atMs === undefined) {
    throw new Error(`the headers ${names.KEY_HEADER} and ${names.TIME_HEADER} are missing`);
  }
  const numbered = seq === undefined ? {} : { seq: Number(seq) };
  return [fromBinary(event, payload), { id, subject, key, atMs, ...numbered }];
}

/** When the event happened, in milliseconds since 1970. */
export function timeOf({ headers }: Received): number | undefined {
  const text = headers[names.TIME_HEADER];
  return text === undefined || !/^\d{1,15}$/.test(text) ? undefined : Number(text);
}

/** The trace that the event goes on with. */
export function traceOf({ headers }: Received): Trace {
  const trace = new Headers();
  const text = headers[names.TRACE_HEADER];
  if (text !== undefined) trace.set(names.TRACE_HEADER, text);
  return receiveTrace(trace);
}

const kept = [names.TIME_HEADER, names.KEY_HEADER, names.SEQ_HEADER, names.TRACE_HEADER];
