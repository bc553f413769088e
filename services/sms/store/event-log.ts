import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import type { Tables } from "./tables.ts";

/** An event in the order of its stream, which the relay gave it. */
export type LoggedEvent = {
  /** The number in the stream, from 1; no number is left out. */
  readonly offset: number;
  readonly eventId: string;
  /** Absent when nobody asked for its subject. */
  readonly payload: Uint8Array | null;
};

/** What to read of a stream. */
export type Reading = {
  readonly stream: string;
  readonly afterOffset: number;
  /** Those whose payload is wanted. */
  readonly subjects: readonly string[];
  readonly limit: number;
};

/** The events of a stream that follow a number and are still kept, in their order. */
export async function readEvents(
  db: Database<Tables>,
  { stream, afterOffset, subjects, limit }: Reading,
): Promise<readonly LoggedEvent[]> {
  const { rows } = await sql<LoggedEvent>`
    select stream_offset as offset, event_id as "eventId",
      case when subject = any(${[...subjects]}::text[]) then payload end as payload
    from outbox where stream = ${stream} and stream_offset > ${afterOffset}
    order by stream_offset limit ${limit}`.execute(db.sql);
  return rows;
}

/** What the log knows about a number of a stream. */
export type Spot = {
  /** The last number that was given; 0 before the first. */
  readonly last: number;
  /** The event of the number; null when it is no longer kept, or there is none. */
  readonly eventId: string | null;
  /** The number of the next event that is kept; null when there is none. */
  readonly next: number | null;
};

/** Looks at a number of a stream; by default at the last one that was given. */
export async function findSpot(
  db: Database<Tables>,
  stream: string,
  offset?: number,
): Promise<Spot> {
  const { rows } = await sql<Spot>`
    with number as (
      select coalesce(max(last_offset), 0) as last from outbox_number where stream = ${stream}
    ), spot as (
      select last, coalesce(${offset ?? null}::bigint, last) as place from number
    )
    select last,
      (select event_id from outbox where stream = ${stream} and stream_offset = place) as "eventId",
      (select min(stream_offset) from outbox where stream = ${stream} and stream_offset > place) as next
    from spot`.execute(db.sql);
  return rows[0]!;
}
