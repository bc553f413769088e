import type { Account } from "../domain/account.ts";
import type { AccountTexts } from "../domain/fold/accounts.ts";
import type { TransferTexts } from "../domain/fold/rows.ts";
import type { StoredTransfer } from "../domain/transfer.ts";

/** Writes transfers as the store reads them for the fold. */
export function transferTexts(rows: readonly StoredTransfer[]): TransferTexts {
  const text = (read: (row: StoredTransfer) => number | bigint | string) => rows.map(read).join();
  return {
    count: rows.length,
    columns: {
      seq: text(({ seq }) => seq),
      at_us: text(({ atUs }) => atUs),
      kind: text(({ kind }) => kind),
      ledger: text(({ ledger }) => ledger),
      flags: text(({ flags }) => flags),
      debit_slot: text(({ debitSlot }) => debitSlot),
      credit_slot: text(({ creditSlot }) => creditSlot),
      amount: text(({ amount }) => amount),
      pending_at_us: text(({ pendingAtUs }) => pendingAtUs || ""),
      reverts_at_us: text(({ revertsAtUs }) => revertsAtUs ?? ""),
      timeout_seconds: text(({ timeoutSeconds }) => timeoutSeconds),
      debit_version: text(({ debitVersion }) => debitVersion),
      debit_pending_after: text(({ debitPendingAfter }) => debitPendingAfter),
      debit_posted_after: text(({ debitPostedAfter }) => debitPostedAfter),
      credit_version: text(({ creditVersion }) => creditVersion),
      credit_pending_after: text(({ creditPendingAfter }) => creditPendingAfter),
      credit_posted_after: text(({ creditPostedAfter }) => creditPostedAfter),
    },
  };
}

/** Writes accounts as the store reads them for the fold. */
export function accountTexts(accounts: readonly Account[]): AccountTexts {
  const text = (read: (account: Account) => number | bigint) => accounts.map(read).join();
  return {
    count: accounts.length,
    columns: {
      slot: text(({ slot }) => slot),
      ledger: text(({ ledger }) => ledger),
      flags: text(({ flags }) => flags),
      version: text(({ version }) => version),
      debits_pending: text(({ debitsPending }) => debitsPending),
      debits_posted: text(({ debitsPosted }) => debitsPosted),
      credits_pending: text(({ creditsPending }) => creditsPending),
      credits_posted: text(({ creditsPosted }) => creditsPosted),
    },
  };
}
