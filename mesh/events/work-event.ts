import type { Message } from "@bufbuild/protobuf";
import type { Database } from "../database/connect.ts";
import { retryLost } from "../database/retry-lost.ts";
import { transaction } from "../database/transaction.ts";
import { RETRY_DELAYS_MS } from "../limits.ts";
import type { Log } from "../log.ts";
import { withTrace } from "../trace.ts";
import type { Delivery } from "./bus-pull.ts";
import type { ConsumerMetrics } from "./consumer-metrics.ts";
import type { Consumer, EventMeta } from "./consumer.ts";
import { bury, remember } from "./inbox.ts";
import { isPassing, NeedsSomebody } from "./passing.ts";
import { decode, receive, type Received, traceOf } from "./received.ts";

/** What the consumers of a service have in common. */
export type Workplace<T> = {
  readonly db: Database<T>;
  readonly log: Log;
  readonly metrics: ConsumerMetrics;
  /** How long to wait before each further attempt; by default RETRY_DELAYS_MS. */
  readonly retryDelaysMs?: readonly number[];
};

/**
 * Works on an event that was delivered, and tells the broker how that ended. Never throws: what
 * fails comes again; after the last attempt, or when it can't be read, it is a dead letter (N9).
 */
export async function workEvent<T>(
  place: Workplace<T>,
  consumer: Consumer<T>,
  delivery: Delivery,
): Promise<void> {
  const event = receive(delivery);
  await withTrace(traceOf(event), async () => {
    const outcome = await work({ place, consumer, event, delivery });
    place.metrics.ended.add({ consumer: consumer.name, outcome });
  });
}

type Outcome = "worked" | "skipped" | "seen" | "retried" | "buried";

type Work<T> = {
  readonly place: Workplace<T>;
  readonly consumer: Consumer<T>;
  readonly event: Received;
  readonly delivery: Delivery;
};

async function work<T>(given: Work<T>): Promise<Outcome> {
  const { place, consumer, event, delivery } = given;
  let read: [Message, EventMeta];
  let isForIt: boolean;
  try {
    read = decode(consumer.event, event);
    isForIt = consumer.concerns(read[0]);
  } catch (error) {
    return giveUp(given, error); // it would not get better
  }
  if (!isForIt) {
    delivery.ack();
    return "skipped";
  }
  try {
    const fresh = await take(given, read);
    delivery.ack();
    if (fresh) place.metrics.age.observe(ageS(read[1]), { consumer: consumer.name });
    return fresh ? "worked" : "seen";
  } catch (error) {
    const isLast = delayOf(place, delivery.attempt) === undefined;
    const isOver = error instanceof NeedsSomebody || (isLast && !isPassing(error));
    return isOver ? giveUp(given, error) : retry(given, error);
  }
}

/** Has the effect of an event; false when the consumer took it before (O5). */
async function take<T>(
  { place: { db }, consumer, event }: Work<T>,
  read: [Message, EventMeta],
): Promise<boolean> {
  if (consumer.isRepeatable) {
    await retryLost(async () => consumer.handle(db.sql, ...read));
    return true;
  }
  return transaction(db, async (tx) => {
    const first = await remember(tx, consumer.name, event);
    if (first) await consumer.handle(tx, ...read);
    return first;
  });
}

/** Writes the dead letter, then tells the broker (N9). It counts as taken, so it is one only once. */
async function giveUp<T>(given: Work<T>, error: unknown): Promise<Outcome> {
  const { place, consumer, event, delivery } = given;
  try {
    await transaction(place.db, async (tx) => {
      if (!(await remember(tx, consumer.name, event))) return;
      await bury(tx, consumer.name, event, { error, attempts: delivery.attempt });
    });
  } catch (cause) {
    return retry(given, cause);
  }
  delivery.giveUp();
  place.log.error({ ...fieldsOf(given), err: error }, "An event became a dead letter.");
  return "buried";
}

function retry<T>(given: Work<T>, error: unknown): Outcome {
  const { place, delivery } = given;
  const lastMs = delayOf(place, delaysOf(place).length) ?? 0;
  delivery.retry(delayOf(place, delivery.attempt) ?? lastMs);
  place.log.warn({ ...fieldsOf(given), err: error }, "An event will be tried again.");
  return "retried";
}

function delaysOf<T>({ retryDelaysMs = RETRY_DELAYS_MS }: Workplace<T>): readonly number[] {
  return retryDelaysMs;
}

function delayOf<T>(place: Workplace<T>, attempt: number): number | undefined {
  return delaysOf(place)[attempt - 1];
}

function ageS({ atMs }: EventMeta): number {
  return Math.max(0, Date.now() - atMs) / 1000;
}

function fieldsOf<T>({ consumer, event, delivery }: Work<T>) {
  return { consumer: consumer.name, event_id: event.id, attempt: delivery.attempt };
}
