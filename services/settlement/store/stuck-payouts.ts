import { sql } from "kysely";
import type { Tx } from "./tables.ts";

/**
 * Payouts that have not ended so long after they were let go, as far as something is left to be
 * done about that: nobody was told yet, or their provider has accepted them. They don't change
 * before the transaction ends; what others hold is left out.
 */
export async function lockStuck(
  tx: Tx,
  forMs: number,
  most: number,
): Promise<{ readonly id: string; readonly isTold: boolean }[]> {
  const { rows } = await sql<{ id: string; is_told: boolean }>`
    select id, alarmed_at is not null as is_told from payout p
    where due_at is not null and stage is distinct from 'APPROVAL'
      and (alarmed_at is null or stage = 'IN_TRANSIT')
      and created_at <= now() - ${forMs} * interval '1 ms'
      and (select min(at) from payout_event
        where payout_id = p.id and stage is distinct from 'APPROVAL'
      ) <= now() - ${forMs} * interval '1 ms'
    order by due_at limit ${most} for update skip locked`.execute(tx);
  return rows.map((row) => ({ id: row.id, isTold: row.is_told }));
}

/** Notes that somebody was told of payouts that have not ended for too long. */
export async function markTold(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`update payout set alarmed_at = now() where id = any(${ids}::uuid[])`.execute(tx);
}
