import { sql, type Transaction } from "kysely";
import type * as domain from "../domain/message.ts";
import { plainArray, textArray } from "./array-text.ts";
import type { Tables } from "./tables.ts";

/** A message to be stored. */
type MessageRow = {
  readonly id: string;
  readonly chunkId: string;
  readonly textNumber: number;
  readonly text: {
    /** E.164. */
    readonly receiver: string;
    readonly sender: string;
    readonly operator: string;
    readonly lane: domain.Lane;
    readonly trafficClass: domain.TrafficClass;
    readonly encoding: domain.Encoding;
    readonly segments: number;
    readonly price: bigint;
    readonly validityMs: number;
    readonly promiseMs: number | undefined;
    readonly clientReference: string;
    readonly tags: readonly string[];
  };
};

/** A chunk to be stored, and the task to send it. */
export type ChunkRow = {
  readonly id: string;
  readonly taskId: string;
  readonly lane: domain.Lane;
  readonly messages: readonly MessageRow[];
  readonly texts: readonly string[];
  readonly price: bigint;
};

/** A request to be stored. */
export type RequestRow = {
  readonly accountId: string;
  readonly rateCard: number;
  readonly chunks: readonly ChunkRow[];
  /** The principal, the method and the key. */
  readonly key: readonly [string, string, string];
};

/**
 * Stores requests: messages and chunks that nothing is reserved for yet, and their tasks, which
 * are due when the requests are given up. Returns the time of it, in epoch milliseconds.
 */
export async function insertAccepted(
  tx: Transaction<Tables>,
  requests: readonly RequestRow[],
  abandonMs: number,
): Promise<number> {
  const { rows } = await sql<{ now: Date }>`
    with messages as (${insertMessages(requests)}),
      chunks as (${insertChunks(requests)}),
      tasks as (${insertTasks(requests, abandonMs)})
    select now()`.execute(tx);
  return rows[0]!.now.getTime();
}

function insertMessages(requests: readonly RequestRow[]) {
  const all: MessageRow[] = [];
  const accounts: string[] = [];
  for (const { accountId, chunks } of requests) {
    for (const { messages } of chunks) {
      for (const message of messages) {
        all.push(message);
        accounts.push(accountId);
      }
    }
  }
  const texts = all.map(({ text }) => text);
  return sql`
    insert into message (id, chunk_id, account_id, price, expires_at, promised_at, lane,
      traffic_class, encoding, text_number, segments, receiver, sender, operator,
      client_reference, tags)
    select id, chunk_id, account_id, price, now() + validity_ms * interval '1 millisecond',
      now() + nullif(promise_ms, -1) * interval '1 millisecond', lane, traffic_class, encoding,
      text_number, segments, receiver, sender, operator, nullif(client_reference, ''),
      nullif(tags, '{}')::text[]
    from unnest(${plainArray(all.map(({ id }) => id))}::uuid[],
      ${plainArray(all.map(({ chunkId }) => chunkId))}::uuid[], ${plainArray(accounts)}::uuid[],
      ${plainArray(texts.map(({ price }) => price))}::bigint[],
      ${plainArray(texts.map(({ validityMs }) => validityMs))}::int[],
      ${plainArray(texts.map(({ promiseMs = -1 }) => promiseMs))}::int[],
      ${plainArray(texts.map(({ lane }) => lane))}::lane[],
      ${plainArray(texts.map(({ trafficClass }) => trafficClass))}::traffic_class[],
      ${plainArray(texts.map(({ encoding }) => encoding))}::encoding[],
      ${plainArray(all.map(({ textNumber }) => textNumber))}::smallint[],
      ${plainArray(texts.map(({ segments }) => segments))}::smallint[],
      ${plainArray(texts.map(({ receiver }) => receiver.slice(1)))}::text[],
      ${textArray(texts.map(({ sender }) => sender))}::text[],
      ${textArray(texts.map(({ operator }) => operator))}::text[],
      ${textArray(texts.map(({ clientReference }) => clientReference))}::text[],
      ${textArray(texts.map(({ tags }) => textArray(tags)))}::text[])
      as new (id, chunk_id, account_id, price, validity_ms, promise_ms, lane, traffic_class,
        encoding, text_number, segments, receiver, sender, operator, client_reference, tags)`;
}

function insertChunks(requests: readonly RequestRow[]) {
  const rows = requests.flatMap(({ accountId, rateCard, chunks }) =>
    chunks.map((chunk) => ({ accountId, rateCard, chunk })),
  );
  return sql`
    insert into chunk (id, account_id, rate_card, message_ids, texts)
    select id, account_id, rate_card, message_ids::uuid[], texts::text[]
    from unnest(${plainArray(rows.map(({ chunk }) => chunk.id))}::uuid[],
      ${plainArray(rows.map(({ accountId }) => accountId))}::uuid[],
      ${plainArray(rows.map(({ rateCard }) => rateCard))}::int[],
      ${textArray(rows.map(({ chunk }) => plainArray(chunk.messages.map(({ id }) => id))))}::text[],
      ${textArray(rows.map(({ chunk }) => textArray(chunk.texts)))}::text[])
      as new (id, account_id, rate_card, message_ids, texts)`;
}

function insertTasks(requests: readonly RequestRow[], abandonMs: number) {
  const rows = requests.flatMap(({ chunks, key }) => {
    const requestTasks = plainArray(chunks.map(({ taskId }) => taskId));
    const requestKey = textArray(key);
    return chunks.map((chunk) => ({ chunk, requestTasks, requestKey }));
  });
  return sql`
    insert into task (id, chunk_id, lane, due_at, request_tasks, request_key)
    select id, chunk_id, lane, now() + ${abandonMs} * interval '1 millisecond',
      request_tasks::uuid[], request_key::text[]
    from unnest(${plainArray(rows.map(({ chunk }) => chunk.taskId))}::uuid[],
      ${plainArray(rows.map(({ chunk }) => chunk.id))}::uuid[],
      ${plainArray(rows.map(({ chunk }) => chunk.lane))}::lane[],
      ${textArray(rows.map(({ requestTasks }) => requestTasks))}::text[],
      ${textArray(rows.map(({ requestKey }) => requestKey))}::text[])
      as new (id, chunk_id, lane, request_tasks, request_key)`;
}
