import { fromBinary } from "@bufbuild/protobuf";
import { sql } from "kysely";
import { type MessageChange, MessagesChangedSchema } from "#gen/mizan/sms/v1/events_pb.ts";
import type { Sms } from "../context.ts";
import { fromPointer } from "../events.ts";

/** How many messages stand where, such as { "QUEUED RESERVED": 2 }. */
export async function countsOf({ db }: Pick<Sms, "db">): Promise<Record<string, number>> {
  const { rows } = await sql<{ state: string; count: number }>`
    select state || ' ' || charge as state, count(*) as count from message group by 1
  `.execute(db.sql);
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** What the ledger is still to be told, in order. */
export async function stepsOf({ db }: Pick<Sms, "db">) {
  const { rows } = await sql<{ kind: string; hold_id: string }>`
    select kind, hold_id from ledger_step order by id`.execute(db.sql);
  return rows.map(({ kind, hold_id: holdId }) => ({ kind, holdId }));
}

/** All changes of messages that were told, in order. */
export async function changesOf({ db }: Pick<Sms, "db">): Promise<MessageChange[]> {
  const { rows } = await sql<{ payload: Uint8Array }>`
    select payload from outbox where stream = 'MIZAN_SMS' order by id`.execute(db.sql);
  return rows.flatMap(({ payload }) => fromBinary(MessagesChangedSchema, payload).changes);
}

/** The tasks that the lanes point to, with the subject of each. */
export async function pointersOf({ db }: Pick<Sms, "db">): Promise<Map<string, string>> {
  const { rows } = await sql<{ subject: string; payload: Uint8Array }>`
    select subject, payload from outbox where stream like 'SMS%' order by id`.execute(db.sql);
  return new Map(
    rows.flatMap(({ subject, payload }) =>
      fromPointer(payload).map((id) => [id, subject] as const),
    ),
  );
}

/**
 * What is wrong with what is stored: money in chunks that is not that of their messages, messages
 * without a task, or with a text or a chunk that is not there. Nothing, when all is well.
 */
export async function findFaults({ db }: Pick<Sms, "db">): Promise<object[]> {
  const { rows } = await sql<object>`
    select 'open' as fault, chunk.id from chunk left join (
      select chunk_id, count(*) as count, sum(price) as amount from message
      where charge = 'RESERVED' group by 1
    ) as open on chunk_id = chunk.id
    where chunk.charge <> 'CAPTURED'
      and (open_count, open_amount) <> (coalesce(open.count, 0), coalesce(open.amount, 0))
    union all
    select 'chunk', message.id from message left join chunk on chunk.id = chunk_id
    where chunk.id is null or not message.id = any(message_ids)
      or texts[text_number + 1] is null or chunk.account_id <> message.account_id
    union all
    select 'gone', chunk.id from chunk, unnest(message_ids) as member
    where not exists (select from message where id = member)
    union all
    select 'task', message.id from message
    where state = 'QUEUED' and not exists (
      select from task where chunk_id = message.chunk_id and stage = 'QUEUED'
        and (message_ids is null or message.id = any(message_ids)))
    union all
    select 'idle', task.id from task
    where not exists (select from chunk where id = chunk_id)
  `.execute(db.sql);
  return rows;
}
