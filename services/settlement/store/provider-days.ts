import { sql } from "kysely";
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
  return new Map(rows.map((row) => [row.provider, row.amount_minor]));
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
