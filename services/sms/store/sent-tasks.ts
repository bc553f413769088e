import { sql } from "kysely";
import type { Tx } from "./tables.ts";

/** A task whose messages were sent. */
export type SentTask = {
  readonly id: string;
  readonly chunkId: string;
  /** Those of its messages that still wait for a receipt. */
  readonly open: readonly OpenMessage[];
  /** How often the provider was asked about it. */
  readonly asked: number;
};

/** A message that was sent and has not ended. */
export type OpenMessage = {
  readonly messageId: string;
  readonly provider: string;
  readonly providerId: string;
  /** How long ago it was sent, by the database's clock (L16). */
  readonly sentMs: number;
};

/** Locks tasks whose receipts are to be asked for, the most urgent first. */
export async function lockDueSentTasks(tx: Tx, most: number): Promise<SentTask[]> {
  const { rows } = await sql<Row>`
    select id, chunk_id, asked, message_ids from task
    where stage = 'SENT' and due_at <= clock_timestamp()
    order by due_at limit ${most} for update skip locked`.execute(tx);
  return withOpen(tx, rows);
}

/** Adds what still waits for a receipt. */
async function withOpen(tx: Tx, rows: readonly Row[]): Promise<SentTask[]> {
  const chunkIds = rows.filter((row) => row.message_ids === null).map((row) => row.chunk_id);
  const chunks = await messageIdsOf(tx, chunkIds);
  const idsOf = (row: Row) => row.message_ids ?? chunks.get(row.chunk_id) ?? [];
  const open = await findOpen(tx, rows.flatMap(idsOf));
  return rows.map((row) => ({
    id: row.id,
    chunkId: row.chunk_id,
    asked: row.asked,
    open: idsOf(row).flatMap((id) => open.get(id) ?? []),
  }));
}

type Row = {
  readonly id: string;
  readonly chunk_id: string;
  readonly asked: number;
  readonly message_ids: readonly string[] | null;
};

async function messageIdsOf(tx: Tx, chunkIds: readonly string[]) {
  if (chunkIds.length === 0) return new Map<string, string[]>();
  const { rows } = await sql<{ id: string; message_ids: string[] }>`
    select id, message_ids from chunk
    where id = any (${chunkIds}::uuid[])`.execute(tx);
  return new Map(rows.map((row) => [row.id, row.message_ids]));
}

/** Those of some messages that were sent and have not ended. */
export async function findOpen(
  tx: Tx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, OpenMessage>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<OpenMessage>`
    select id as "messageId", coalesce(provider, '') as provider,
      coalesce(provider_id, '') as "providerId",
      extract(epoch from clock_timestamp() - sent_at)::float8 * 1000 as "sentMs"
    from message
    where id = any (${ids}::uuid[])
      and state in ('SENT', 'PARTIALLY_DELIVERED')`.execute(tx);
  return new Map(rows.map((row) => [row.messageId, row]));
}

/** Keeps tasks from others for a while, in which the provider is asked about them. */
export async function claimSentTasks(tx: Tx, ids: readonly string[], forMs: number): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update task set asked = least(asked + 1, 30000),
      due_at = clock_timestamp() + ${forMs} * interval '1 millisecond'
    where id = any (${ids}::uuid[]) and stage = 'SENT'`.execute(tx);
}

/** Says when tasks are looked at again. */
export async function postponeSentTasks(
  tx: Tx,
  tasks: readonly { readonly id: string; readonly pauseMs: number }[],
): Promise<void> {
  if (tasks.length === 0) return;
  await sql`
    update task set due_at = clock_timestamp() + later.pause_ms * interval '1 millisecond'
    from unnest(
      ${tasks.map(({ id }) => id)}::uuid[],
      ${tasks.map(({ pauseMs }) => pauseMs)}::float8[]) as later (id, pause_ms)
    where task.id = later.id and task.id = any (${tasks.map(({ id }) => id)}::uuid[])
      and stage = 'SENT'`.execute(tx);
}

/** Removes tasks whose messages have all ended. */
export async function deleteSentTasks(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`delete from task where id = any (${ids}::uuid[]) and stage = 'SENT'`.execute(tx);
}
