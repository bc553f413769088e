import { type RawBuilder, sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { MAX_COUNTED_TASKS } from "#mesh/limits.ts";
import type { Lane } from "../domain/message.ts";
import type { Tables, Tx } from "./tables.ts";

/** What is done with the messages of a task next. */
export type TaskStage = "QUEUED" | "SENDING" | "UNCERTAIN" | "SENT";

/** A task that is locked until the transaction ends. */
export type Task = {
  readonly id: string;
  readonly chunkId: string;
  readonly lane: Lane;
  readonly stage: TaskStage;
  /** How often it was handed to a provider: who did names it to prove that nobody did since. */
  readonly attempt: number;
  readonly asked: number;
  readonly notFound: number;
  readonly provider: string | undefined;
  /** How long ago it was handed over last, in milliseconds; infinite when it never was. */
  readonly takenAgoMs: number;
  /** Those of the chunk that it is about; undefined for all. */
  readonly messageIds: readonly string[] | undefined;
};

/** Locks those of some tasks that are still queued; what others hold is theirs (N7). */
export async function lockQueued(tx: Tx, ids: readonly string[]): Promise<Task[]> {
  return read(
    tx,
    sql`where id = any(${ids}::uuid[]) and stage = 'QUEUED' order by id for update skip locked`,
  );
}

/** Locks tasks whatever they are at, once whoever holds them is done. */
export async function lockTasks(tx: Tx, ids: readonly string[]): Promise<Task[]> {
  return read(tx, sql`where id = any(${ids}::uuid[]) order by id for update`);
}

/** Which tasks are due: those of a stage, and of one lane if that is named. */
export type Due<S extends string = TaskStage> = { readonly stage: S; readonly lane?: Lane };

/** Whether any tasks are due, whoever is at them; also those whose acceptance has not ended. */
export async function hasDue(
  db: Pick<Database<Tables>, "sql">,
  due: Due<TaskStage | "ACCEPTED">,
): Promise<boolean> {
  const { rows } = await sql<{ due: boolean }>`
    select exists (select from task ${whereDue(due)}) as due`.execute(db.sql);
  return rows[0]!.due;
}

/** How many tasks wait in a lane, MAX_COUNTED_TASKS at most, and since when the oldest does. */
export type Queue = { readonly lane: Lane; readonly tasks: number; readonly ageMs: number };

/** Looks at what waits in the lanes, at a bounded cost; one that is empty is left out. */
export async function readQueues(db: Pick<Database<Tables>, "sql">): Promise<Queue[]> {
  const { rows } = await sql<{ lane: Lane; tasks: number; oldest: string; now_ms: number }>`
    select one.lane, counted.tasks, first.oldest,
      extract(epoch from now())::float8 * 1000 as now_ms
    from unnest(enum_range(null::lane)) as one (lane)
    cross join lateral (
      select id::text as oldest from task
      where stage = 'QUEUED' and lane = one.lane order by id limit 1) as first
    cross join lateral (
      select count(*) as tasks from (
        select from task where stage = 'QUEUED' and lane = one.lane
        order by id limit ${MAX_COUNTED_TASKS}) as bounded) as counted`.execute(db.sql);
  return rows.map(({ lane, tasks, oldest, now_ms: nowMs }) => {
    return { lane, tasks, ageMs: Math.max(0, nowMs - timeOfId(oldest)) };
  });
}

/** When an id was made, in milliseconds since 1970: it is a UUIDv7. */
function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** Locks tasks that are due, the longest due first; what others hold is theirs. */
export async function lockDue(tx: Tx, due: Due, most: number): Promise<Task[]> {
  return read(tx, sql`${whereDue(due)} order by due_at limit ${most} for update skip locked`);
}

function whereDue({ stage, lane }: Due<string>): RawBuilder<unknown> {
  const inLane = lane === undefined ? sql`` : sql`and lane = ${lane}::lane`;
  return sql`where stage = ${stage}::task_stage and due_at <= now() ${inLane}`;
}

/** Notes who has taken tasks, until when they are let alone, and for which attempt (FO-2). */
export async function takeTasks(
  tx: Tx,
  ids: readonly string[],
  by: { readonly provider: string; readonly leaseMs: number },
): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update task set stage = 'SENDING', attempt = attempt + 1, provider = ${by.provider},
      taken_at = now(), due_at = now() + ${by.leaseMs} * interval '1 ms', asked = 0, not_found = 0
    where id = any(${ids}::uuid[])`.execute(tx);
}

/** Puts off tasks that are about to be asked about, and counts the question. */
export async function askTasks(tx: Tx, ids: readonly string[], leaseMs: number): Promise<void> {
  await sql`
    update task set asked = asked + 1, due_at = now() + ${leaseMs} * interval '1 ms'
    where id = any(${ids}::uuid[])`.execute(tx);
}

/** Where messages of a task go on. */
export type TaskShare = {
  readonly taskId: string;
  readonly stage: TaskStage;
  readonly dueInMs: number;
  readonly asked: number;
  readonly notFound: number;
  /** Undefined leaves the task those that it has. */
  readonly messageIds: readonly string[] | undefined;
};

/** Moves tasks on. */
export async function placeTasks(tx: Tx, shares: readonly TaskShare[]): Promise<void> {
  if (shares.length === 0) return;
  await sql`
    update task t set stage = v.stage, due_at = now() + v.due_in_ms * interval '1 ms',
      asked = v.asked, not_found = v.not_found,
      message_ids = coalesce(v.message_ids::uuid[], t.message_ids)
    from ${valuesOf(shares)}
    where t.id = v.task_id and t.id = any(${shares.map(({ taskId }) => taskId)}::uuid[])`.execute(
    tx,
  );
}

/** Makes a task of messages that go another way than the rest of theirs; it has an id of its own. */
export async function splitTasks(
  tx: Tx,
  shares: readonly (TaskShare & { readonly id: string })[],
): Promise<void> {
  if (shares.length === 0) return;
  await sql`
    insert into task (id, chunk_id, lane, stage, due_at, attempt, asked, not_found, taken_at,
      provider, message_ids)
    select n.id, t.chunk_id, t.lane, v.stage, now() + v.due_in_ms * interval '1 ms', t.attempt,
      v.asked, v.not_found, t.taken_at, t.provider, v.message_ids::uuid[]
    from ${valuesOf(shares)}
    join unnest(${shares.map(({ id }) => id)}::uuid[]) with ordinality as n (id, place) using (place)
    join task t on t.id = v.task_id and t.id = any(${shares.map(({ taskId }) => taskId)}::uuid[])`.execute(
    tx,
  );
}

/** Deletes tasks whose messages have all ended. */
export async function deleteTasks(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`delete from task where id = any(${ids}::uuid[])`.execute(tx);
}

function valuesOf(shares: readonly TaskShare[]): RawBuilder<unknown> {
  const column = <K extends keyof TaskShare>(name: K) => shares.map((share) => share[name]);
  const lists = shares.map(({ messageIds }) => messageIds && `{${messageIds.join(",")}}`);
  return sql`unnest(
    ${column("taskId")}::uuid[], ${column("stage")}::task_stage[], ${column("dueInMs")}::float8[],
    ${column("asked")}::smallint[], ${column("notFound")}::smallint[],
    ${lists.map((list) => list ?? null)}::text[]) with ordinality
    as v (task_id, stage, due_in_ms, asked, not_found, message_ids, place)`;
}

async function read(tx: Tx, which: RawBuilder<unknown>): Promise<Task[]> {
  const { rows } = await sql<Row>`
    select id, chunk_id, lane, stage, attempt, asked, not_found, provider, message_ids,
      extract(epoch from now() - taken_at)::float8 * 1000 as taken_ago_ms
    from task ${which}`.execute(tx);
  return rows.map(({ id, lane, stage, attempt, asked, ...row }) => ({
    id,
    chunkId: row.chunk_id,
    lane,
    stage,
    attempt,
    asked,
    notFound: row.not_found,
    provider: row.provider ?? undefined,
    takenAgoMs: row.taken_ago_ms ?? Infinity,
    messageIds: row.message_ids ?? undefined,
  }));
}

type Row = {
  readonly id: string;
  readonly chunk_id: string;
  readonly lane: Lane;
  readonly stage: TaskStage;
  readonly attempt: number;
  readonly asked: number;
  readonly not_found: number;
  readonly provider: string | null;
  readonly taken_ago_ms: number | null;
  readonly message_ids: string[] | null;
};
