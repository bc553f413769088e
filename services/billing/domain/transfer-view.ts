import type { Account, Id } from "./account.ts";
import type { StoredTransfer } from "./transfer.ts";

/** A stored transfer with its accounts by id, as the callers of the ledger name them. */
export type TransferView = {
  readonly transfer: StoredTransfer;
  readonly debitAccountId: Id;
  readonly creditAccountId: Id;
};

/** Names the accounts of a transfer. */
export function viewOf(
  transfer: StoredTransfer,
  bySlot: (slot: number) => Readonly<Account> | undefined,
): TransferView {
  const [debit, credit] = [bySlot(transfer.debitSlot)!, bySlot(transfer.creditSlot)!];
  return { transfer, debitAccountId: debit.id, creditAccountId: credit.id };
}
