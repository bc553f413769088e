import { sql } from "kysely";
import { transaction } from "../database/transaction.ts";
import type { Consumer } from "./consumer.ts";
import { bury } from "./inbox.ts";
import { isPassing } from "./passing.ts";
import { decode, type Received } from "./received.ts";
import type { Workplace } from "./work-event.ts";

/**
 * Works on the dead letters that were requeued for the consumers, oldest first. One that fails
 * again becomes a new dead letter.
 */
export async function workRequeued<T>(
  place: Workplace<T>,
  consumers: ReadonlyMap<string, Consumer<T>>,
): Promise<void> {
  for (;;) {
    const names = [...consumers.keys()];
    const found = await sql<Letter>`
      select id, consumer, event_id, subject, headers, payload, attempts from dead_letter
      where consumer = any(${names}) and requeued_at is not null and closed_at is null
      order by requeued_at, id limit 1`.execute(place.db.sql);
    const letter = found.rows[0];
    if (letter === undefined) return;
    const consumer = consumers.get(letter.consumer)!;
    const outcome = await work(place, consumer, letter);
    place.metrics.ended.add({ consumer: consumer.name, outcome });
  }
}

type Letter = Omit<Received, "id"> & {
  readonly id: string;
  readonly consumer: string;
  readonly event_id: string;
  readonly attempts: number;
};

async function work<T>(
  { db, log }: Workplace<T>,
  consumer: Consumer<T>,
  letter: Letter,
): Promise<"worked" | "seen" | "buried"> {
  const event = { ...letter, id: letter.event_id };
  const close = sql`update dead_letter set closed_at = now()
    where id = ${letter.id} and closed_at is null returning 1`;
  try {
    return await transaction(db, async (tx) => {
      if ((await close.execute(tx)).rows.length === 0) return "seen"; // another process has it
      const [message, meta] = decode(consumer.event, event);
      await consumer.handle(tx, message, { ...meta, isRequeued: true });
      return "worked";
    });
  } catch (error) {
    if (isPassing(error)) throw error; // it stays requeued
    const fields = { consumer: consumer.name, event_id: event.id };
    log.error({ ...fields, err: error }, "A requeued event failed again.");
    return transaction(db, async (tx) => {
      if ((await close.execute(tx)).rows.length === 0) return "seen";
      await bury(tx, consumer.name, event, { error, attempts: letter.attempts + 1 });
      return "buried";
    });
  }
}
