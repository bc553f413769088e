import { sql } from "kysely";
import type { DayReturn } from "../domain/day-return.ts";
import type { Tx } from "./tables.ts";

/** What was handed to providers today in UTC, in minor units; they are locked by then (PAY-10). */
export async function lockToday(
  tx: Tx,
  providers: readonly string[],
): Promise<Map<string, bigint>> {
  if (providers.length === 0) return new Map();
  await sql`
    insert into provider_day (provider, day, amount_minor)
    select provider, (now() at time zone 'UTC')::date, 0
    from unnest(${providers}::text[]) as given (provider) order by provider
    on conflict do nothing`.execute(tx);
  const { rows } = await sql<{ provider: string; amount_minor: bigint }>`
    select provider, amount_minor from provider_day
    where provider = any(${providers}::text[]) and day = (now() at time zone 'UTC')::date
    order by provider for update`.execute(tx);
  const amounts = rows.map((row): [string, bigint] => [row.provider, row.amount_minor]);
  return new Map([...amounts, ...(await takeReturns(tx, providers))]);
}

/** Takes what was given back into the days that it was counted on; tells what today has then. */
async function takeReturns(tx: Tx, providers: readonly string[]): Promise<[string, bigint][]> {
  const { rows } = await sql<{ provider: string; amount_minor: bigint; is_today: boolean }>`
    with taken as (
      delete from provider_day_return
      where provider = any(${providers}::text[]) and day <= (now() at time zone 'UTC')::date
      returning provider, day, amount_minor
    ), given as (
      select provider, day, sum(amount_minor) as amount_minor from taken group by provider, day
    )
    update provider_day set amount_minor = provider_day.amount_minor - given.amount_minor
    from given where (provider_day.provider, provider_day.day) = (given.provider, given.day)
    returning provider_day.provider, provider_day.amount_minor,
      provider_day.day = (now() at time zone 'UTC')::date as is_today`.execute(tx);
  const today = rows.filter((row) => row.is_today);
  return today.map((row) => [row.provider, row.amount_minor]);
}

/** Gives amounts back to the days that attempts were counted on, and waits for nobody. */
export async function returnDays(tx: Tx, returns: readonly DayReturn[]): Promise<void> {
  if (returns.length === 0) return;
  const given = returns.map(({ payoutId: id, no, amountMinor }) => ({
    id,
    no,
    amount: String(amountMinor),
  }));
  await sql`
    insert into provider_day_return (provider, day, amount_minor)
    select provider, counted_on, sum(amount)
    from json_to_recordset(${JSON.stringify(given)}) as g (id uuid, no smallint, amount numeric)
    join payout_attempt as attempt on attempt.payout_id = g.id and attempt.no = g.no
    where counted_on is not null group by provider, counted_on`.execute(tx);
}

/** Keeps what was handed to providers today. */
export async function keepToday(tx: Tx, amounts: ReadonlyMap<string, bigint>): Promise<void> {
  if (amounts.size === 0) return;
  await sql`
    update provider_day set amount_minor = given.amount_minor
    from unnest(${[...amounts.keys()]}::text[], ${[...amounts.values()].map(String)}::numeric[])
      as given (provider, amount_minor)
    where provider_day.provider = given.provider
      and day = (now() at time zone 'UTC')::date`.execute(tx);
}
