import { sql } from "kysely";
import { MAX_COUNTED_WITHDRAWALS, WITHDRAWAL_LEASE_MS } from "#mesh/limits.ts";
import type { PayoutNews, Withdrawal } from "../domain/withdrawal.ts";
import type { Queries } from "./tables.ts";
import { columns, type Row, toWithdrawal } from "./withdrawal-rows.ts";

/**
 * Takes withdrawals that are due, the oldest first, for as long as a lease lasts: whoever fails
 * leaves them to the next. Those that somebody is just changing are left out.
 */
export async function takeDue(db: Queries, limit: number): Promise<Withdrawal[]> {
  const { rows } = await sql<Row>`
    update withdrawal set due_at = now() + ${WITHDRAWAL_LEASE_MS} * interval '1 millisecond',
      tries = tries + 1
    where id in (select id from withdrawal where due_at <= now()
      order by due_at limit ${limit} for update skip locked)
    returning ${columns}`.execute(db);
  return rows.map(toWithdrawal);
}

/** How many withdrawals are not done, up to a bound, and how late the latest of them is. */
export async function measureOpen(
  db: Queries,
): Promise<{ readonly count: number; readonly lateMs: number }> {
  const { rows } = await sql<{ count: number; lateMs: number }>`
    select count(*) as count, coalesce(greatest(0,
      extract(epoch from now() - min(due_at))), 0)::float8 * 1000 as "lateMs"
    from (select due_at from withdrawal where due_at is not null
      order by due_at limit ${MAX_COUNTED_WITHDRAWALS}) as open`.execute(db);
  return rows[0]!;
}

/**
 * Keeps what settlement tells of payouts that are waited for. An end makes its withdrawal due at
 * once; older news change nothing.
 */
export async function hearOpen(db: Queries, news: readonly PayoutNews[]): Promise<void> {
  await sql`
    update withdrawal set state = 'SETTLING', payout_state = new.state,
      payout_version = new.version, provider = new.provider,
      bank_reference = new.bank_reference, attempts = new.attempts,
      reason = case when new.state in ('FAILED', 'CANCELLED') then new.reason else '' end,
      version = withdrawal.version + 1, tries = 0, updated_at = now(),
      due_at = case when new.state in ('SUCCEEDED', 'FAILED', 'CANCELLED', 'RETURNED')
        then now() else due_at end
    from unnest(${news.map(({ id }) => id)}::uuid[], ${news.map(({ state }) => state)}::text[],
      ${news.map(({ version }) => version)}::integer[], ${news.map(({ reason }) => reason)}::text[],
      ${news.map(({ provider }) => provider)}::text[],
      ${news.map(({ bankReference }) => bankReference)}::text[],
      ${news.map(({ attempts }) => JSON.stringify(attempts))}::jsonb[])
      as new (id, state, version, reason, provider, bank_reference, attempts)
    where withdrawal.id = new.id and withdrawal.state in ('HELD', 'SETTLING')
      and (payout_state is null or new.version > payout_version)`.execute(db);
}

/** Keeps that payouts have come back whose withdrawals have ended, or are just about to. */
export async function hearReturned(db: Queries, news: readonly PayoutNews[]): Promise<void> {
  if (news.length === 0) return;
  await sql`
    update withdrawal set payout_state = 'RETURNED', payout_version = new.version, tries = 0,
      due_at = case when withdrawal.state = 'SUCCEEDED' then now() else due_at end
    from unnest(${news.map(({ id }) => id)}::uuid[],
      ${news.map(({ version }) => version)}::integer[]) as new (id, version)
    where withdrawal.id = new.id and withdrawal.state in ('REQUESTED', 'SUCCEEDED')
      and (payout_state is null or new.version > payout_version)`.execute(db);
}

/**
 * Forgets the keys of requests before an id, a bounded number of rows at a time, and tells how many
 * rows it went through. A withdrawal that is not done keeps its key.
 */
export async function freeKeys(db: Queries, beforeId: string, limit: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with old as (
      select id from withdrawal
      where id > (select up_to from withdrawal_keys_freed) and id < ${beforeId}::uuid
      order by id limit ${limit}
    ), freed as (
      update withdrawal set request_key = null, request_hash = null, answer = null
      from old where withdrawal.id = old.id and request_key is not null and due_at is null
    ), place as (
      update withdrawal_keys_freed set up_to = (select id from old order by id desc limit 1)
      where exists (select from old)
    )
    select count(*) as count from old`.execute(db);
  return rows[0]!.count;
}
