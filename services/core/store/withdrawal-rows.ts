import { sql } from "kysely";
import type { Attempt, PayoutState, Withdrawal, WithdrawalState } from "../domain/withdrawal.ts";

/** A row as statements of this folder return it. */
export type Row = {
  readonly id: string;
  readonly merchant_id: string;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly bank_account: string;
  readonly state: WithdrawalState;
  readonly reason: string;
  readonly provider: string;
  readonly bank_reference: string;
  readonly attempts: readonly Attempt[];
  readonly payout_state: PayoutState | null;
  readonly payout_version: number;
  readonly version: number;
  readonly tries: number;
  readonly created_at: Date;
  readonly updated_at: Date;
};

/** What a withdrawal is made of, from the table or the alias "withdrawal". */
export const columns = sql.raw(
  [
    "id, merchant_id, amount, fee, bank_account, state, reason, provider, bank_reference, attempts",
    "payout_state, payout_version, version, tries, created_at, updated_at",
  ]
    .join(", ")
    .replaceAll(/\w+/g, "withdrawal.$&"),
);

/** The withdrawal of a row. */
export function toWithdrawal(row: Row): Withdrawal {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    amount: row.amount,
    fee: row.fee,
    bankAccount: row.bank_account,
    state: row.state,
    reason: row.reason,
    provider: row.provider,
    bankReference: row.bank_reference,
    attempts: row.attempts,
    payoutState: row.payout_state ?? undefined,
    payoutVersion: row.payout_version,
    version: row.version,
    tries: row.tries,
    createdAtMs: row.created_at.getTime(),
    updatedAtMs: row.updated_at.getTime(),
  };
}
