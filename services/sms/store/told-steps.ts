import { type RawBuilder, sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import type { LedgerStep } from "./ledger-steps.ts";
import type { Tables } from "./tables.ts";

/** A step that is to be told, or was. */
export type StoredStep = LedgerStep & {
  readonly id: number;
  /** How often the ledger has refused it. */
  readonly attempts: number;
};

/** A step that the ledger refuses. */
export type Refusal = {
  readonly id: number;
  readonly reason: string;
  /** After which pause it is tried again; absent for never. */
  readonly pauseMs?: number;
};

/** A step that the ledger has heard, and how long after it was decided. */
export type Told = { readonly kind: LedgerStep["kind"]; readonly lagMs: number };

/** The oldest steps that the ledger was not told yet, in the order in which they were decided. */
export async function findLedgerSteps(db: Database<Tables>, most: number): Promise<StoredStep[]> {
  return read(db, sql`select *, 0 as attempts from ledger_step order by id limit ${most}`);
}

/** The refused steps that are to be tried again. */
export async function findDueRefusals(db: Database<Tables>, most: number): Promise<StoredStep[]> {
  const due = sql`select * from refused_step where due_at <= clock_timestamp() order by id`;
  return read(db, sql`${due} limit ${most}`);
}

/** Removes the steps that were told and keeps those aside that were refused, all at once. */
export async function settleSteps(
  db: Database<Tables>,
  told: readonly number[],
  refused: readonly Refusal[],
): Promise<Told[]> {
  const { rows } = await sql<Told>`
    with told as (
      delete from ledger_step where id = any (${told}::bigint[])
      returning kind, extract(epoch from clock_timestamp() - created_at)::float8 * 1000 as "lagMs"
    ), aside as (
      delete from ledger_step using ${refusals(refused)} where ledger_step.id = refusal.id
      returning ledger_step.*, refusal.reason, refusal.pause_ms
    ), kept as (
      insert into refused_step
        (id, kind, hold_id, message_id, amount, reference, created_at, reason, due_at)
      select id, kind, hold_id, message_id, amount, reference, created_at, reason,
        clock_timestamp() + pause_ms * interval '1 millisecond' from aside
    )
    select * from told`.execute(db.sql);
  return rows;
}

/** Removes the refused steps that were told after all, and says of the others when to try again. */
export async function settleRefusals(
  db: Database<Tables>,
  told: readonly number[],
  refused: readonly Refusal[],
): Promise<void> {
  await sql`
    with told as (delete from refused_step where id = any (${told}::bigint[]))
    update refused_step set reason = refusal.reason, attempts = attempts + 1,
      due_at = clock_timestamp() + refusal.pause_ms * interval '1 millisecond'
    from ${refusals(refused)} where refused_step.id = refusal.id`.execute(db.sql);
}

/** How many steps are kept aside. */
export async function countRefusals(db: Database<Tables>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) from refused_step`.execute(db.sql);
  return rows[0]!.count;
}

function refusals(refused: readonly Refusal[]): RawBuilder<unknown> {
  return sql`unnest(
    ${refused.map(({ id }) => id)}::bigint[],
    ${refused.map(({ reason }) => reason)}::text[],
    ${refused.map(({ pauseMs }) => pauseMs ?? null)}::float8[])
    as refusal (id, reason, pause_ms)`;
}

async function read(db: Database<Tables>, steps: RawBuilder<unknown>): Promise<StoredStep[]> {
  const { rows } = await sql<Row>`
    select id, kind, hold_id, message_id, amount::text, reference, attempts
    from (${steps}) as step order by id`.execute(db.sql);
  return rows.map(toStep);
}

function toStep({ id, kind, attempts, reference, ...row }: Row): StoredStep {
  return {
    id,
    kind,
    attempts,
    reference,
    holdId: row.hold_id,
    ...(row.message_id !== null && { messageId: row.message_id }),
    ...(row.amount !== null && { amount: BigInt(row.amount) }),
  };
}

type Row = Pick<StoredStep, "id" | "kind" | "attempts"> & {
  readonly hold_id: string;
  readonly message_id: string | null;
  readonly amount: string | null;
  readonly reference: string;
};
