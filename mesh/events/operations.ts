import { type QueryExecutorProvider, sql } from "kysely";
import { fromPageToken, pageSize, toPageToken } from "../page.ts";
import type { Feed } from "./feed.ts";
import { subjectOf } from "./subject.ts";

/** An event that a consumer gave up. */
export type DeadLetter = {
  readonly id: string;
  readonly consumer: string;
  readonly eventId: string;
  readonly subject: string;
  readonly error: string;
  readonly attempts: number;
  readonly createdAtMs: number;
  /** When an operator handed it to its consumer again. */
  readonly requeuedAtMs: number | null;
};

/** Which page to list. */
export type Page = { readonly pageSize: number; readonly pageToken: string };

/** Lists the dead letters that still wait for somebody, newest first. */
export async function listDeadLetters(
  db: QueryExecutorProvider,
  page: Page,
): Promise<{ readonly deadLetters: DeadLetter[]; readonly nextPageToken: string }> {
  const size = pageSize(page.pageSize);
  const [createdAt, id] = fromPageToken(page.pageToken, LIST) ?? ["infinity", LAST_ID];
  const { rows } = await sql<DeadLetter & { createdAt: string }>`
    select id, consumer, event_id as "eventId", subject, error, attempts,
      created_at::text as "createdAt",
      (extract(epoch from created_at) * 1000)::bigint as "createdAtMs",
      (extract(epoch from requeued_at) * 1000)::bigint as "requeuedAtMs"
    from dead_letter
    where closed_at is null and (created_at, id) < (${createdAt}::timestamptz, ${id}::uuid)
    order by created_at desc, id desc limit ${size + 1}`.execute(db);
  const deadLetters = rows.slice(0, size);
  const last = rows.length > size ? deadLetters.at(-1) : undefined;
  const nextPageToken = last === undefined ? "" : toPageToken([last.createdAt, last.id], LIST);
  return { deadLetters, nextPageToken };
}

/** Hands dead letters to their consumers again; returns how many were not handed over before. */
export async function requeueDeadLetters(
  tx: QueryExecutorProvider,
  ids: readonly string[],
): Promise<number> {
  const { rows } = await sql`
    update dead_letter set requeued_at = now()
    where id = any(${[...ids]}::uuid[]) and requeued_at is null and closed_at is null
    returning 1`.execute(tx);
  return rows.length;
}

/** What is published again: the events of a stream since a time, in milliseconds since 1970. */
export type Replay = {
  readonly stream: string;
  readonly feeds: readonly Feed[];
  readonly startMs: number;
};

/**
 * Has the relay publish events again that happened since a time (N1), within seconds of the
 * commit. Returns how many they are. Consumers recognise what they have seen.
 */
export async function republishEvents(
  tx: QueryExecutorProvider,
  { stream, feeds, startMs: askedMs }: Replay,
): Promise<number> {
  const startMs = Math.min(Math.max(askedMs, 0), LAST_MS);
  const { rows } = await sql<{ position: number; count: number }>`
    select min(stream_offset) - 1 as position, count(*) as count from outbox
    where stream = ${stream} and stream_offset is not null
      and at >= to_timestamp(${startMs / 1000}::float8)`.execute(tx);
  let count = rows[0]!.count;
  if (count > 0) await goBack(tx, stream, "outbox", rows[0]!.position);
  for (const feed of feeds) {
    const since = await feed.since(startMs);
    count += since.count;
    if (since.count === 0) continue;
    await goBack(tx, stream, subjectOf(feed.event, feed.key), since.afterSeq);
  }
  return count;
}

/** The end of the year 9999, after which neither the wire nor PostgreSQL can tell the time. */
const LAST_MS = Date.UTC(10_000, 0) - 1;

async function goBack(
  tx: QueryExecutorProvider,
  stream: string,
  source: string,
  position: number,
): Promise<void> {
  await sql`
    insert into relay_rewind (stream, source, position) values (${stream}, ${source}, ${position})
    on conflict (stream, source) do update
    set position = least(relay_rewind.position, excluded.position)`.execute(tx);
}

const LIST = "dead letters";
const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";
