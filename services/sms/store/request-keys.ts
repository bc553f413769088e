import { sql } from "kysely";
import type { CallName } from "#mesh/database/idempotency-group.ts";
import { plainArray } from "./array-text.ts";
import type { Tx } from "./tables.ts";

/** A request whose acceptance has not ended in time. */
export type AbandonedRequest = {
  readonly call: CallName;
  readonly taskIds: readonly string[];
  readonly chunks: readonly { readonly id: string; readonly messageIds: readonly string[] }[];
};

/**
 * Takes requests that are due to be given up, with all their tasks, which are deleted. One that
 * somebody is just moving on is left to them.
 */
export async function takeAbandoned(tx: Tx, limit: number): Promise<AbandonedRequest[]> {
  const { rows } = await sql<{ id: string; request_tasks: string[]; request_key: string[] }>`
    with due as (
      select request_tasks from task where stage = 'ACCEPTED' and due_at <= now()
      order by due_at limit ${limit}
    )
    select id, request_tasks, request_key from task
    where id in (select unnest(request_tasks) from due) and stage = 'ACCEPTED'
    order by id for update skip locked`.execute(tx);
  const locked = new Set(rows.map(({ id }) => id));
  const whole = rows.filter(({ request_tasks: ids }) => ids.every((id) => locked.has(id)));
  if (whole.length === 0) return [];
  const chunks = await deleteTasks(
    tx,
    whole.map(({ id }) => id),
  );
  const requests = Map.groupBy(whole, ({ request_key: key }) => key.join("\n"));
  return [...requests.values()].map((tasks) => {
    const [principal, method, key] = tasks[0]!.request_key as [string, string, string];
    const taskIds = tasks.map(({ id }) => id);
    return {
      call: { principal, method, key },
      taskIds,
      chunks: taskIds.map((id) => chunks.get(id)!),
    };
  });
}

type Chunk = AbandonedRequest["chunks"][number];

/** Deletes tasks; returns the chunk of each. */
async function deleteTasks(tx: Tx, ids: readonly string[]): Promise<Map<string, Chunk>> {
  const { rows: tasks } = await sql<{ id: string; chunk_id: string }>`
    delete from task where id = any(${plainArray(ids)}::uuid[]) returning id, chunk_id`.execute(tx);
  const chunkIds = tasks.map(({ chunk_id: id }) => id);
  const { rows } = await sql<Chunk>`
    select id, message_ids as "messageIds" from chunk
    where id = any(${plainArray(chunkIds)}::uuid[])
  `.execute(tx);
  const chunks = new Map(rows.map((chunk) => [chunk.id, chunk]));
  return new Map(tasks.map(({ id, chunk_id: chunkId }) => [id, chunks.get(chunkId)!]));
}

/** A message that was given up. */
export type AbandonedMessage = {
  readonly id: string;
  readonly accountId: string;
  /** In minor units. */
  readonly price: number;
  readonly revision: number;
  readonly clientReference: string;
  readonly endedAt: Date;
};

/** Ends messages that were accepted and no more (ST-1). */
export async function rejectAbandoned(
  tx: Tx,
  messageIds: readonly string[],
): Promise<AbandonedMessage[]> {
  const { rows } = await sql<AbandonedMessage>`
    update message set state = 'REJECTED', failure = 'ABANDONED', ended_at = now(),
      updated_at = now(), revision = revision + 1
    where id = any(${plainArray(messageIds)}::uuid[]) and state = 'ACCEPTED'
    returning id, account_id as "accountId", price, revision, ended_at as "endedAt",
      coalesce(client_reference, '') as "clientReference"`.execute(tx);
  return rows;
}
