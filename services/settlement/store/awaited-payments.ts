import { sql } from "kysely";
import { MAX_COUNTED_DIFFERENCES } from "#mesh/limits.ts";
import type { Tx } from "./tables.ts";

/** What is to be thought of payouts whose lines are known by now. */
export type ShownPayouts = {
  /** Those that a statement shows: they are awaited and missing no more. */
  readonly shown: readonly string[];
  /** Those of them whose money has left the account in full. */
  readonly bookable: readonly string[];
};

/** Ends the wait for payouts that statements show, and has those booked that have left in full. */
export async function endWait(
  tx: Tx,
  provider: string,
  { shown, bookable }: ShownPayouts,
): Promise<void> {
  if (shown.length === 0) return;
  await sql`
    with ended as (
      delete from awaited_payment where reference = any(array(
        select our_ref from payout_attempt
        where payout_id = any(${[...shown]}::uuid[]) and provider = ${provider}))
    ), found as (
      update statement_difference set is_settled = true
      where kind = 'MISSING' and not is_settled and payout_id = any(${[...shown]}::uuid[])
    )
    insert into booking (path, provider, payout_id, amount_minor)
    select 'mwd/' || id || '/custody', ${provider}, id, amount_minor
    from payout where id = any(${[...bookable]}::uuid[])
    on conflict do nothing`.execute(tx);
}

/**
 * Notes payouts as missing that a provider has paid, the newest first, and that none of its
 * statements shows which should. Tells how many there were.
 */
export async function noteMissing(tx: Tx, provider: string, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into statement_difference (statement_id, provider, kind, payout_id, reference,
      our_amount_minor)
    select due.id, ${provider}, 'MISSING', awaited.payout_id, awaited.reference,
      awaited.amount_minor
    from (
      select max(least((day + 1)::timestamp at time zone 'UTC', updated_at)) as end_at
      from statement where provider = ${provider}
    ) as last
    cross join lateral (
      select * from awaited_payment
      where provider = ${provider} and paid_at < last.end_at
        and not exists (
          select from statement_difference as difference
          where difference.payout_id = awaited_payment.payout_id and kind = 'MISSING')
      order by paid_at desc limit ${limit}
    ) as awaited
    cross join lateral (
      select id from statement
      where provider = ${provider} and day >= (awaited.paid_at at time zone 'UTC')::date
      order by day limit 1
    ) as due
    on conflict do nothing`.execute(tx);
  return Number(numAffectedRows);
}

/** How many payouts of a provider are noted as missing by now, counted up to a limit. */
export async function countMissing(tx: Tx, provider: string, limit: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (
      select from statement_difference
      where provider = ${provider} and kind = 'MISSING' and not is_settled limit ${limit}
    ) as missing`.execute(tx);
  return rows[0]!.count;
}

/** The providers that have sent a statement, and how long ago the last part of one came. */
export async function listStated(tx: Tx, quietMs: number): Promise<string[]> {
  const { rows } = await sql<{ provider: string }>`
    select provider from statement group by provider
    having max(updated_at) < now() - ${quietMs} * interval '1 millisecond'`.execute(tx);
  return rows.map(({ provider }) => provider);
}

/** What a provider has paid and no statement shows for too long. */
export type Overdue = {
  readonly provider: string;
  readonly count: number;
  readonly oldestPayoutId: string;
  readonly oldestPaidAt: Date;
};

/** What is on no statement for too long, by provider; counted up to a bound. */
export async function findOverdue(
  tx: Tx,
  providers: readonly string[],
  overdueMs: number,
): Promise<Overdue[]> {
  const { rows } = await sql<Overdue>`
    select name as provider, count, oldest.payout_id as "oldestPayoutId",
      oldest.paid_at as "oldestPaidAt"
    from unnest(${[...providers]}::text[]) as name
    cross join lateral (
      select payout_id, paid_at from awaited_payment
      where provider = name and paid_at < now() - ${overdueMs} * interval '1 millisecond'
      order by paid_at limit 1
    ) as oldest
    cross join lateral (
      select count(*) as count from (
        select from awaited_payment
        where provider = name and paid_at < now() - ${overdueMs} * interval '1 millisecond'
        limit ${MAX_COUNTED_DIFFERENCES}
      ) as overdue
    ) as counted`.execute(tx);
  return rows;
}

/** Marks that administrators are told of what is overdue; false when they were some time ago. */
export async function markTold(tx: Tx, provider: string, againMs: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into overdue_notice (provider, told_at) values (${provider}, now())
    on conflict (provider) do update set told_at = now()
    where overdue_notice.told_at < now() - ${againMs} * interval '1 millisecond'`.execute(tx);
  return numAffectedRows === 1n;
}

/** Forgets payments of providers whose statements nobody waits for, a batch; tells how many. */
export async function forgetUnstated(
  tx: Tx,
  providers: readonly string[],
  limit: number,
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from awaited_payment where reference = any(array(
      select reference from awaited_payment
      where provider = any(${[...providers]}::text[]) limit ${limit}))`.execute(tx);
  return Number(numAffectedRows);
}
