import { sql, type Transaction } from "kysely";
import type { Tables } from "./tables.ts";

/** Something that the ledger has to be told of a hold, until it has heard it (MON-5). */
export type LedgerStep = {
  readonly kind: "CAPTURE" | "RELEASE" | "REFUND";
  readonly holdId: string;
  /** The message that is refunded; it names the refund. */
  readonly messageId?: string;
  /** In minor units; absent for the whole hold. */
  readonly amount?: bigint;
  /** What the statement shows beside it. */
  readonly reference?: string;
};

/** Notes steps in the transaction that decides them (MON-8). */
export async function addLedgerSteps(
  tx: Transaction<Tables>,
  steps: readonly LedgerStep[],
): Promise<void> {
  if (steps.length === 0) return;
  await sql`
    insert into ledger_step (kind, hold_id, message_id, amount, reference)
    select * from unnest(
      ${steps.map(({ kind }) => kind)}::ledger_step_kind[],
      ${steps.map(({ holdId }) => holdId)}::uuid[],
      ${steps.map(({ messageId }) => messageId ?? null)}::uuid[],
      ${steps.map(({ amount }) => amount?.toString() ?? null)}::bigint[],
      ${steps.map(({ reference }) => reference ?? "")}::text[])`.execute(tx);
}
