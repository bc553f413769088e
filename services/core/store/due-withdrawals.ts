import { type RawBuilder, sql } from "kysely";
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
 * Keeps what settlement tells of payouts that are waited for, and that money has come back of which
 * the withdrawal has ended, or is just about to. An end makes its withdrawal due at once, a return
 * only when nobody is carrying it out. It is one statement, so that a withdrawal that moves on at the
 * same time is looked at as it is then. Older news, and the same again, change nothing (O5, O6).
 */
export async function hearNews(db: Queries, news: readonly PayoutNews[]): Promise<void> {
  await sql`
    update withdrawal set payout_state = new.state, payout_version = new.version, tries = 0,
      due_at = case when withdrawal.state <> 'REQUESTED' and new.state in
        ('SUCCEEDED', 'FAILED', 'CANCELLED', 'RETURNED') then now() else due_at end,
      state = ${ifOpen(sql`'SETTLING'`, "state")},
      reason = ${ifOpen(
        sql`case when new.state in ('FAILED', 'CANCELLED') then new.reason else '' end`,
        "reason",
      )},
      provider = ${ifOpen(sql`new.provider`, "provider")},
      bank_reference = ${ifOpen(sql`new.bank_reference`, "bank_reference")},
      attempts = ${ifOpen(sql`new.attempts`, "attempts")},
      version = ${ifOpen(sql`withdrawal.version + 1`, "version")},
      updated_at = ${ifOpen(sql`now()`, "updated_at")}
    from unnest(${news.map(({ id }) => id)}::uuid[], ${news.map(({ state }) => state)}::text[],
      ${news.map(({ version }) => version)}::integer[], ${news.map(({ reason }) => reason)}::text[],
      ${news.map(({ provider }) => provider)}::text[],
      ${news.map(({ bankReference }) => bankReference)}::text[],
      ${news.map(({ attempts }) => JSON.stringify(attempts))}::jsonb[])
      as new (id, state, version, reason, provider, bank_reference, attempts)
    where withdrawal.id = new.id and (payout_state is null or new.version > payout_version)
      and (${isOpen} or new.state = 'RETURNED' and withdrawal.state in ('REQUESTED', 'SUCCEEDED'))
    `.execute(db);
}

const isOpen = sql`withdrawal.state in ('HELD', 'SETTLING')`;

/** A value for a withdrawal that waits for its payout; any other keeps what the column has. */
function ifOpen(value: RawBuilder<unknown>, column: keyof Row): RawBuilder<unknown> {
  return sql`case when ${isOpen} then ${value} else ${sql.ref(`withdrawal.${column}`)} end`;
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
