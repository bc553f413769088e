import { type RawBuilder, sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { MAX_REPORTED_MESSAGES, MAX_SCANNED_MESSAGES } from "#mesh/limits.ts";
import type * as domain from "../domain/message.ts";
import type { Tables } from "./tables.ts";

/** A message as it is stored. Prices are in minor units. */
export type StoredMessage = {
  readonly id: string;
  readonly chunkId: string;
  readonly accountId: string;
  /** In the form of E.164, without the plus. */
  readonly receiver: string;
  readonly sender: string;
  readonly state: domain.MessageState;
  readonly failure: domain.FailureReason | null;
  readonly charge: domain.ChargeState;
  readonly lane: domain.Lane;
  readonly trafficClass: domain.TrafficClass;
  readonly encoding: domain.Encoding;
  readonly segments: number;
  /** Which of the texts of its chunk it is, from 0. */
  readonly textNumber: number;
  readonly price: number;
  readonly provider: string | null;
  readonly providerId: string | null;
  readonly attempts: number;
  readonly operator: string;
  readonly clientReference: string | null;
  readonly tags: readonly string[] | null;
  readonly promisedAt: Date | null;
  readonly expiresAt: Date;
  readonly queuedAt: Date | null;
  readonly sentAt: Date | null;
  readonly endedAt: Date | null;
  readonly updatedAt: Date;
  readonly revision: number;
};

/** Which messages are asked for; each filter that is there has to fit. */
export type MessageFilter = {
  /** Whose; absent for everybody's. */
  readonly accountId?: string | undefined;
  /** In the form of E.164. */
  readonly receiver?: string | undefined;
  readonly states?: readonly domain.MessageState[] | undefined;
  readonly clientReference?: string | undefined;
  readonly sender?: string | undefined;
  readonly trafficClass?: domain.TrafficClass | undefined;
  readonly tag?: string | undefined;
};

/** A stretch of ids, and so of time: the first is in it, the last is not. */
export type IdRange = { readonly fromId: string; readonly beforeId: string };

/** A message of an account; undefined when there is none, or it is somebody else's. */
export async function findMessage(
  db: Database<Tables>,
  accountId: string,
  id: string,
): Promise<StoredMessage | undefined> {
  const { rows } = await sql<StoredMessage>`
    select ${columns} from message where id = ${id}::uuid and account_id = ${accountId}::uuid
  `.execute(db.sql);
  return rows[0];
}

/** What one look found, newest first. */
export type Found = {
  readonly messages: readonly StoredMessage[];
  /** Where the look ended before all was seen; undefined when it saw all, or found enough. */
  readonly seenToId: string | undefined;
};

/**
 * Looks for messages of a range, newest first. It finds `limit` at most, and looks at a bounded
 * number, so that a filter that hardly anything fits does not read all the days of an account.
 */
export async function findMessages(
  db: Database<Tables>,
  filter: MessageFilter,
  range: IdRange,
  limit: number,
): Promise<Found> {
  const { rows: messages } = await sql<StoredMessage>`
    select ${columns} from ${newest(filter, range, MAX_SCANNED_MESSAGES)} as message
    where ${fits(filter)} order by id desc limit ${limit}`.execute(db.sql);
  if (messages.length === limit) return { messages, seenToId: undefined };
  const { rows: last } = await sql<{ id: string }>`
    select id from message where ${within(filter, range)}
    order by id desc offset ${MAX_SCANNED_MESSAGES - 1} limit 1`.execute(db.sql);
  return { messages, seenToId: last[0]?.id };
}

/** How many of the newest messages of a range fit, of those that a report looks at. */
export async function countMessages(
  db: Database<Tables>,
  filter: MessageFilter,
  range: IdRange,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from ${newest(filter, range, MAX_REPORTED_MESSAGES)} as message
    where ${fits(filter)}`.execute(db.sql);
  return rows[0]!.count;
}

/** Those of the messages that `countMessages` counts, newest first, which follow an offset. */
export async function findReported(
  db: Database<Tables>,
  filter: MessageFilter,
  range: IdRange,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<readonly StoredMessage[]> {
  const { rows } = await sql<StoredMessage>`
    select ${columns} from ${newest(filter, range, MAX_REPORTED_MESSAGES)} as message
    where ${fits(filter)} order by id desc offset ${offset} limit ${limit}`.execute(db.sql);
  return rows;
}

/** The texts of chunks, in one statement; none of a chunk whose texts are no longer kept. */
export async function findTexts(
  db: Database<Tables>,
  chunkIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const ids = [...new Set(chunkIds)].toSorted();
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; texts: readonly string[] }>`
    select id, texts from chunk
    where id = any(${ids}::uuid[])
  `.execute(db.sql);
  return new Map(rows.map(({ id, texts }) => [id, texts]));
}

/** The newest messages of a range. The bounds of the id leave out the days that lie beyond them. */
function newest(filter: MessageFilter, range: IdRange, most: number): RawBuilder<unknown> {
  return sql`(select * from message where ${within(filter, range)} order by id desc limit ${most})`;
}

function within({ accountId }: MessageFilter, { fromId, beforeId }: IdRange): RawBuilder<unknown> {
  const bounds = sql`id >= ${fromId}::uuid and id < ${beforeId}::uuid`;
  return accountId === undefined ? bounds : sql`account_id = ${accountId}::uuid and ${bounds}`;
}

function fits(filter: MessageFilter): RawBuilder<unknown> {
  const { receiver, states, clientReference, sender, trafficClass, tag } = filter;
  const conditions = [
    receiver !== undefined && sql`receiver = ${receiver.replace(/^\+/, "")}`,
    states !== undefined && sql`state = any(${[...states]}::message_state[])`,
    clientReference !== undefined && sql`client_reference = ${clientReference}`,
    sender !== undefined && sql`sender = ${sender}`,
    trafficClass !== undefined && sql`traffic_class = ${trafficClass}::traffic_class`,
    tag !== undefined && sql`${tag} = any(tags)`,
  ];
  return sql.join([sql`true`, ...conditions.filter((one) => one !== false)], sql` and `);
}

const columns = sql`id, chunk_id as "chunkId", account_id as "accountId", receiver, sender, state,
  failure, charge, lane, traffic_class as "trafficClass", encoding, segments,
  text_number as "textNumber", price, provider, provider_id as "providerId", attempts, operator,
  client_reference as "clientReference", tags, promised_at as "promisedAt",
  expires_at as "expiresAt", queued_at as "queuedAt", sent_at as "sentAt", ended_at as "endedAt",
  updated_at as "updatedAt", revision`;
