import { sql } from "kysely";
import { transaction } from "#mesh/database/transaction.ts";
import { newId } from "#mesh/ids.ts";
import type { ChargeState, FailureReason, Lane, MessageState } from "../domain/message.ts";
import { tasksQueued } from "../events.ts";
import type { Sms } from "../context.ts";

/** A chunk that was accepted and paid for, and waits for a worker. */
export type QueuedChunk = {
  readonly accountId: string;
  readonly chunkId: string;
  readonly taskId: string;
  readonly messageIds: readonly string[];
};

/** What of sms such a chunk needs. */
type World = { readonly sms: Pick<Sms, "db" | "terms" | "provider"> };

type Options = {
  readonly lane?: Lane;
  readonly accountId?: string;
  /** In minor units; one message for each. */
  readonly prices?: readonly bigint[];
  /** Without the plus. */
  readonly receivers?: readonly string[];
  readonly validityMs?: number;
  readonly segments?: number;
  /** Whether the broker is told. */
  readonly isPointed?: boolean;
};

/** Puts a chunk into the database as it is when it was queued; the ledger knows nothing of it. */
export async function queuedChunk({ sms }: World, options: Options = {}): Promise<QueuedChunk> {
  const { lane = "BULK", accountId = newId(), prices = [100n], segments = 1 } = options;
  const { validityMs = 600_000, isPointed = true } = options;
  const [chunkId, taskId] = [newId(), newId()];
  const messageIds = prices.map(() => newId());
  const receivers = options.receivers ?? prices.map(() => freshReceiver());
  const total = prices.reduce((sum, price) => sum + price, 0n);
  await transaction(sms.db, async (tx) => {
    await sql`insert into chunk
        (id, account_id, rate_card, charge, open_count, open_amount, message_ids, texts)
      values (${chunkId}, ${accountId}, 1, 'RESERVED', ${prices.length}, ${total.toString()}::bigint,
        ${messageIds}::uuid[], ${["hello"]}::text[])`.execute(tx);
    await sql`insert into message (id, chunk_id, account_id, price, expires_at, queued_at, state,
        charge, lane, traffic_class, encoding, text_number, segments, receiver, sender, operator)
      select one.id, ${chunkId}, ${accountId}, one.price,
        now() + ${validityMs} * interval '1 ms', now(), 'QUEUED', 'RESERVED', ${lane}::lane,
        'TRANSACTIONAL', 'GSM7', 0, ${segments}, one.receiver, '3000505', ''
      from unnest(${messageIds}::uuid[], ${prices.map(String)}::bigint[], ${receivers}::text[])
        as one (id, price, receiver)`.execute(tx);
    await sql`insert into task (id, chunk_id, lane, stage, due_at)
      values (${taskId}, ${chunkId}, ${lane}::lane, 'QUEUED',
        now() + ${sms.terms.requeueMs} * interval '1 ms')`.execute(tx);
    const { name } = sms.provider;
    if (isPointed) await tasksQueued(tx, [{ taskId, lane, provider: name, accountId }]);
  });
  return { accountId, chunkId, taskId, messageIds };
}

/** Puts so many chunks into the database, one after the other. */
export async function queuedChunks(
  world: World,
  count: number,
  options: Options = {},
): Promise<QueuedChunk[]> {
  const chunks: QueuedChunk[] = [];
  while (chunks.length < count) chunks.push(await queuedChunk(world, options));
  return chunks;
}

let serial = 0;

/** A mobile number that no other message of the test goes to. */
function freshReceiver(): string {
  serial += 1;
  return `98912${String(serial).padStart(7, "0")}`;
}

/** What a test looks at of a message. */
export type Seen = {
  readonly state: MessageState;
  readonly charge: ChargeState;
  readonly failure: FailureReason | null;
  readonly revision: number;
  readonly attempts: number;
  readonly provider_id: string | null;
  readonly ref: number;
};

/** Looks at messages, in the order of the ids given. */
export async function lookAt({ sms }: World, ids: readonly string[]): Promise<Seen[]> {
  const { rows } = await sql<Seen>`
    select state, charge, failure, revision, attempts, provider_id, ref from message
    where id = any (${ids}::uuid[]) order by array_position(${ids}::uuid[], id)`.execute(
    sms.db.sql,
  );
  return rows;
}

/** What the ledger is to be told of a chunk, in order, such as "CAPTURE 300". */
export async function stepsOf({ sms }: World, chunkId: string): Promise<string[]> {
  const { rows } = await sql<{ kind: string; amount: number | null }>`
    select kind, amount from ledger_step where hold_id = ${chunkId} order by id`.execute(
    sms.db.sql,
  );
  return rows.map(({ kind, amount }) => (amount === null ? kind : `${kind} ${amount}`));
}

/** The tasks of a chunk, the oldest first. */
export async function tasksOf({ sms }: World, chunkId: string) {
  const { rows } = await sql<{
    id: string;
    stage: string;
    attempt: number;
    message_ids: string[] | null;
    in_ms: number;
  }>`
    select id, stage, attempt, message_ids, extract(epoch from due_at - now())::float8 * 1000 as in_ms
    from task where chunk_id = ${chunkId} order by id`.execute(sms.db.sql);
  return rows;
}

/** Makes all tasks of a chunk due, as if their time had come. */
export async function makeDue({ sms }: World, chunkId: string): Promise<void> {
  await sql`update task set due_at = now() where chunk_id = ${chunkId}`.execute(sms.db.sql);
}
