import { sql } from "kysely";
import { FUNDS_ALARM_MS } from "#mesh/limits.ts";
import type { Tx } from "./tables.ts";

/** Notes that providers have too little of our money; those of which nobody was told lately. */
export async function noteShort(tx: Tx, providers: readonly string[]): Promise<string[]> {
  if (providers.length === 0) return [];
  const { rows } = await sql<{ provider: string }>`
    insert into funds_alarm as a (provider, told_at)
    select provider, now() from unnest(${providers}::text[]) as given (provider) order by provider
    on conflict (provider) do update set told_at = now()
    where a.told_at <= now() - ${FUNDS_ALARM_MS} * interval '1 ms'
    returning provider`.execute(tx);
  return rows.map(({ provider }) => provider);
}
