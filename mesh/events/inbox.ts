import { type QueryExecutorProvider, sql } from "kysely";
import { newId } from "../ids.ts";
import { INBOX_DAYS, MAX_DEAD_LETTER_ERROR_LENGTH } from "../limits.ts";
import { type Received, timeOf } from "./received.ts";

/** Remembers that a consumer took an event; false when it did before (O5). */
export async function remember(
  tx: QueryExecutorProvider,
  consumer: string,
  event: Received,
): Promise<boolean> {
  const taken = await sql`
    insert into inbox (slot, consumer, event_id)
    values (${slotOf(event)}, ${consumer}, ${event.id})
    on conflict do nothing returning 1`.execute(tx);
  return taken.rows.length > 0;
}

/** Why a consumer gave an event up, and after how many attempts. */
export type GivenUp = { readonly error: unknown; readonly attempts: number };

/** Keeps an event that a consumer gave up (N9). */
export async function bury(
  tx: QueryExecutorProvider,
  consumer: string,
  { id, subject, headers, payload }: Received,
  { error, attempts }: GivenUp,
): Promise<void> {
  const text = String(error).slice(0, MAX_DEAD_LETTER_ERROR_LENGTH).replaceAll("\u0000", "");
  await sql`
    insert into dead_letter (id, consumer, event_id, subject, headers, payload, error, attempts)
    values (${newId()}, ${consumer}, ${id}, ${subject}, ${JSON.stringify(headers)}, ${payload},
      ${text}, ${attempts})`.execute(tx);
}

/** The part of the inbox that an event belongs to, whenever it comes. */
function slotOf(event: Received): number {
  return Math.floor((timeOf(event) ?? 0) / DAY_MS) % INBOX_DAYS;
}

const DAY_MS = 24 * 60 * 60 * 1000;
