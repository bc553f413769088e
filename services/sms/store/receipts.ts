import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import type { ReceiptOutcome, ReceiptState } from "../domain/receipt.ts";
import type { Tables, Tx } from "./tables.ts";

/** A receipt as a provider told it. */
export type NewReceipt = {
  readonly provider: string;
  readonly providerId: string;
  readonly state: ReceiptState;
};

/** A receipt that is to be looked at. */
export type DueReceipt = NewReceipt & {
  readonly slot: number;
  readonly id: number;
  /** How long ago it arrived, by the database's clock (L16). */
  readonly ageMs: number;
  readonly nowMs: number;
};

/** What is written down of a receipt: what became of it, or after which pause to look again. */
export type Settled = {
  readonly receipt: Pick<DueReceipt, "slot" | "id">;
  readonly outcome?: ReceiptOutcome;
  readonly messageId?: string;
  readonly pauseMs?: number;
};

/** Stores receipts in order. */
export async function insertReceipts(
  db: Database<Tables>,
  receipts: readonly NewReceipt[],
): Promise<void> {
  if (receipts.length === 0) return;
  await sql`
    insert into receipt (provider, provider_id, state)
    select * from unnest(
      ${receipts.map(({ provider }) => provider)}::text[],
      ${receipts.map(({ providerId }) => providerId)}::text[],
      ${receipts.map(({ state }) => state)}::receipt_state[])`.execute(db.sql);
}

/** Whether any receipts are due, whoever is at them. */
export async function hasDueReceipts(db: Database<Tables>): Promise<boolean> {
  const { rows } = await sql<{ due: boolean }>`
    select exists (select from receipt where due_at <= now()) as due`.execute(db.sql);
  return rows[0]!.due;
}

/** Locks the receipts that are due, and returns them in order of arrival. */
export async function lockDueReceipts(tx: Tx, most: number): Promise<DueReceipt[]> {
  const { rows } = await sql<DueReceipt>`
    select slot, id, provider, provider_id as "providerId", state,
      extract(epoch from clock_timestamp() - received_at)::float8 * 1000 as "ageMs",
      extract(epoch from clock_timestamp())::float8 * 1000 as "nowMs"
    from receipt where due_at <= clock_timestamp()
    order by due_at limit ${most} for update skip locked`.execute(tx);
  return rows.toSorted((one, other) => one.id - other.id);
}

/** Writes down what became of receipts. */
export async function settleReceipts(tx: Tx, settled: readonly Settled[]): Promise<void> {
  const slots = settled.map(({ receipt }) => receipt.slot);
  const ids = settled.map(({ receipt }) => receipt.id);
  await sql`
    update receipt set outcome = done.outcome, message_id = done.message_id,
      due_at = clock_timestamp() + done.pause_ms * interval '1 millisecond'
    from unnest(
      ${slots}::smallint[],
      ${ids}::bigint[],
      ${settled.map(({ outcome }) => outcome ?? null)}::receipt_outcome[],
      ${settled.map(({ messageId }) => messageId ?? null)}::uuid[],
      ${settled.map(({ pauseMs }) => pauseMs ?? null)}::float8[]
    ) as done (slot, id, outcome, message_id, pause_ms)
    where receipt.slot = done.slot and receipt.id = done.id
      and receipt.slot = any (${[...new Set(slots)]}::smallint[])
      and receipt.id = any (${ids}::bigint[])`.execute(tx);
}
