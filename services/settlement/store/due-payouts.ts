import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { findPayouts, type StoredPayout } from "./read-payouts.ts";
import type { Queries, Tables } from "./tables.ts";

/** Which payouts are looked for: those that go on by themselves, or those of a provider. */
export type Due =
  | { readonly kind: "OURS" }
  | { readonly kind: "THEIRS"; readonly provider: string };

/** How many are taken at a time, and how long nobody else takes them, in milliseconds. */
export type Claim = { readonly most: number; readonly forMs: number };

/** Takes payouts that are due, the longest due first; what others hold is theirs. */
export async function claimDue(
  { sql: db }: Pick<Database<Tables>, "sql">,
  due: Due,
  { most, forMs }: Claim,
): Promise<StoredPayout[]> {
  const isTheirs = sql`(state = 'UNKNOWN' or (state = 'SENDING' and stage = 'IN_TRANSIT'))`;
  const which =
    due.kind === "OURS" ? sql`not ${isTheirs}` : sql`${isTheirs} and provider = ${due.provider}`;
  const { rows } = await sql<{ id: string }>`
    with due as (
      select id from payout where due_at <= now() and ${which}
      order by due_at limit ${most} for update skip locked
    )
    update payout p set due_at = now() + ${forMs} * interval '1 ms'
    from due where p.id = due.id returning p.id`.execute(db);
  return findPayouts(
    db,
    rows.map(({ id }) => id),
  );
}

/** A payout that is looked at again later, unless it changes before. */
export type Postponed = {
  readonly id: string;
  readonly version: number;
  readonly inMs: number;
};

/** Puts off payouts that were looked at in vain, and counts it. */
export async function postpone(db: Queries, payouts: readonly Postponed[]): Promise<void> {
  if (payouts.length === 0) return;
  const given = JSON.stringify(payouts.map(({ id, version, inMs }) => ({ id, version, inMs })));
  await sql`
    update payout p set tries = least(tries + 1, 30000),
      due_at = now() + g."inMs" * interval '1 ms'
    from json_to_recordset(${given}) as g (id uuid, version int, "inMs" float8)
    where p.id = g.id and p.version = g.version and p.due_at is not null`.execute(db);
}

/** How many payouts wait in each state and stage; those that have ended are not counted. */
export async function countOpen(
  db: Queries,
): Promise<{ readonly state: string; readonly stage: string; readonly count: number }[]> {
  const { rows } = await sql<{ state: string; stage: string; count: number }>`
    select state, coalesce(stage::text, '') as stage, count(*) as count
    from payout where due_at is not null group by 1, 2`.execute(db);
  return rows;
}
