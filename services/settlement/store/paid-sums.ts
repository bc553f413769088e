import { sql } from "kysely";
import type { Tx } from "./tables.ts";

/** What was paid to a merchant or may yet be, in minor units. */
export type PaidSums = { readonly dayMinor: bigint; readonly monthMinor: bigint };

/** Sums up the payouts of merchants within 24 hours and 30 days, but for those that paid nothing. */
export async function sumPaid(
  tx: Tx,
  merchantIds: readonly string[],
): Promise<ReadonlyMap<string, PaidSums>> {
  const { rows } = await sql<{ id: string; day: bigint; month: bigint }>`
    select merchant_id as id, sum(amount_minor) as month,
      coalesce(sum(amount_minor) filter (where created_at > now() - interval '24 hours'), 0) as day
    from payout
    where merchant_id = any(${merchantIds}::uuid[]) and created_at > now() - interval '30 days'
      and state not in ('FAILED', 'CANCELLED', 'RETURNED')
    group by merchant_id`.execute(tx);
  return new Map(rows.map(({ id, day, month }) => [id, { dayMinor: day, monthMinor: month }]));
}
