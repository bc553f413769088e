import { sql } from "kysely";
import type { ChunkRow } from "./accept-rows.ts";
import { plainArray, textArray } from "./array-text.ts";
import type { Tx } from "./tables.ts";

/**
 * Takes the tasks of chunks out of the acceptance and queues them (MON-4): of those that somebody
 * else has moved there is none in the answer. Also tells the time, in epoch milliseconds.
 */
export async function queueTasks(
  tx: Tx,
  chunks: readonly Pick<ChunkRow, "taskId" | "messages">[],
  requeueMs: number,
): Promise<{ readonly atMs: number; readonly queued: ReadonlySet<string> }> {
  const taskIds = plainArray(chunks.map(({ taskId }) => taskId));
  const { rows } = await sql<{ id: string; now: Date }>`
    with wanted as (
      select * from unnest(${taskIds}::uuid[],
        ${plainArray(chunks.map((chunk) => dueMs(chunk, requeueMs)))}::bigint[]) as wanted (id, due)
    ), mine as (
      select task.id, due from task join wanted using (id)
      where task.id = any(${taskIds}::uuid[]) and stage = 'ACCEPTED'
      order by task.id for update of task
    )
    update task set stage = 'QUEUED', due_at = now() + due * interval '1 millisecond',
      request_tasks = null, request_key = null
    from mine where task.id = mine.id returning task.id, now()`.execute(tx);
  return { atMs: rows[0]?.now.getTime() ?? 0, queued: new Set(rows.map(({ id }) => id)) };
}

/** When it is looked at again though nobody took it, at the latest when a message expires (ST-3). */
function dueMs({ messages }: Pick<ChunkRow, "messages">, requeueMs: number): number {
  return Math.min(requeueMs, ...messages.map(({ text }) => text.validityMs));
}

/** Notes that the price of chunks is reserved, and that their messages are in their lanes. */
export async function queueChunks(tx: Tx, chunks: readonly ChunkRow[]): Promise<void> {
  if (chunks.length === 0) return;
  const messages = chunks.flatMap((chunk) => chunk.messages);
  const ids = plainArray(messages.map(({ id }) => id));
  const chunkIds = plainArray(chunks.map(({ id }) => id));
  await sql`
    with paid as (
      update chunk set open_count = now_open.count, open_amount = now_open.amount,
        charge = (case when now_open.amount > 0 then 'RESERVED' else 'NONE' end)::charge_state
      from unnest(${chunkIds}::uuid[],
        ${plainArray(chunks.map(countPriced))}::smallint[],
        ${plainArray(chunks.map(({ price }) => price))}::bigint[]) as now_open (id, count, amount)
      where chunk.id = now_open.id and chunk.id = any(${chunkIds}::uuid[])
    )
    update message set state = 'QUEUED', queued_at = now(), updated_at = now(),
      charge = (case when price > 0 then 'RESERVED' else 'NONE' end)::charge_state,
      revision = revision + 1
    where id = any(${ids}::uuid[])`.execute(tx);
}

function countPriced({ messages }: ChunkRow): number {
  return messages.filter(({ text }) => text.price > 0n).length;
}

/** Gives messages chunks and tasks of their own, which are queued at once (MON-3). */
export async function insertAlone(
  tx: Tx,
  chunks: readonly (ChunkRow & { readonly accountId: string; readonly rateCard: number })[],
  requeueMs: number,
): Promise<void> {
  if (chunks.length === 0) return;
  const ids = plainArray(chunks.map(({ id }) => id));
  await sql`
    with new as (
      select * from unnest(${ids}::uuid[],
        ${plainArray(chunks.map(({ accountId }) => accountId))}::uuid[],
        ${plainArray(chunks.map(({ rateCard }) => rateCard))}::int[],
        ${textArray(chunks.map(({ texts }) => texts[0]!))}::text[],
        ${plainArray(chunks.map(({ taskId }) => taskId))}::uuid[],
        ${plainArray(chunks.map(({ lane }) => lane))}::lane[],
        ${plainArray(chunks.map((chunk) => dueMs(chunk, requeueMs)))}::bigint[])
        as new (id, account_id, rate_card, content, task_id, lane, due)
    ), chunks as (
      insert into chunk (id, account_id, rate_card, message_ids, texts)
      select id, account_id, rate_card, array[id], array[content] from new
    ), messages as (
      update message set chunk_id = id, text_number = 0
      where id = any(${ids}::uuid[])
    )
    insert into task (id, chunk_id, lane, stage, due_at)
    select task_id, id, lane, 'QUEUED', now() + due * interval '1 millisecond' from new
  `.execute(tx);
}

/** What is to go again without a trace. */
export type Unwanted = {
  readonly messageIds: readonly string[];
  readonly chunks: readonly Pick<ChunkRow, "id" | "taskId">[];
};

/** Deletes what nobody pays for, and chunks that were divided. */
export async function deleteUnwanted(tx: Tx, { messageIds, chunks }: Unwanted): Promise<void> {
  if (chunks.length === 0) return;
  const ids = plainArray(chunks.map(({ id }) => id));
  const taskIds = plainArray(chunks.map(({ taskId }) => taskId));
  await sql`
    with chunks as (
      delete from chunk where id = any(${ids}::uuid[])
    ), messages as (
      delete from message
      where id = any(${plainArray(messageIds)}::uuid[])
    )
    delete from task where id = any(${taskIds}::uuid[])`.execute(tx);
}
