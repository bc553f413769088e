import { sql } from "kysely";
import { hasEnded, type PayoutStage, type PayoutState } from "../domain/payout.ts";
import { readPayouts, type StoredPayout } from "./read-payouts.ts";
import type { Queries } from "./tables.ts";

/** Which payouts are listed; what is undefined does not matter. */
export type Filter = {
  readonly state: PayoutState | undefined;
  readonly stage: PayoutStage | undefined;
  readonly provider: string | undefined;
  readonly merchantId: string | undefined;
  readonly id: string | undefined;
};

/** Lists payouts, the newest first: their ids are in the order of the requests. */
export async function listPayouts(
  db: Queries,
  { state, stage, provider, merchantId, id }: Filter,
  { before, limit }: { readonly before: string | undefined; readonly limit: number },
): Promise<StoredPayout[]> {
  // Those that have not ended are few, and an index has them alone.
  const isOpen = stage !== undefined || (state !== undefined && !hasEnded({ state }));
  const ids = await sql<{ id: string }>`
    select id from payout where true
      ${state === undefined ? sql`` : sql`and state = ${state}::payout_state`}
      ${stage === undefined ? sql`` : sql`and stage = ${stage}::payout_stage`}
      ${isOpen ? sql`and due_at is not null` : sql``}
      ${provider === undefined ? sql`` : sql`and provider = ${provider}`}
      ${merchantId === undefined ? sql`` : sql`and merchant_id = ${merchantId}`}
      ${id === undefined ? sql`` : sql`and id = ${id}`}
      ${before === undefined ? sql`` : sql`and id < ${before}`}
    order by id desc limit ${limit}`.execute(db);
  if (ids.rows.length === 0) return [];
  const found = await readPayouts(
    db,
    sql`where p.id = any(${ids.rows.map((row) => row.id)}::uuid[])`,
  );
  return found.toSorted((one, other) => (one.id < other.id ? 1 : -1));
}
