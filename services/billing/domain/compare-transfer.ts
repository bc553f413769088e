import type { Memory } from "./memory.ts";
import { inherits, resolvedAmount } from "./check-ending.ts";
import { findTransfer, sidesOf } from "./find-transfer.ts";
import { timeoutOf } from "./timeout.ts";
import { ZERO_ID } from "#mesh/ids.ts";
import {
  type NewRevert,
  type NewTransfer,
  type StoredTransfer,
  TransferFlags,
  TransferKinds,
  type TransferStatus,
} from "./transfer.ts";

/**
 * Compares a transfer with the stored one of its id (IDEM-2): "exists" for a copy, else what
 * differs first. Zeros and "all" of a post or void compare as what they stood for. A revert names
 * another transfer as posts and voids do, so the one differs from the other in the pending id.
 */
export function compareTransfer(
  memory: Memory,
  event: NewTransfer,
  row: StoredTransfer,
): TransferStatus {
  if (row.kind === TransferKinds.EXPIRE) return "exists_with_different_flags"; // no request has its
  if (event.flags !== row.flags) return "exists_with_different_flags";
  const isOther = event.pendingId !== row.pendingId || row.revertsId !== undefined;
  if (isOther) return "exists_with_different_pending_id";
  if (timeoutOf(event, row.atUs) !== row.timeoutSeconds) return "exists_with_different_timeout";
  return row.kind === TransferKinds.SINGLE || row.kind === TransferKinds.PENDING
    ? compareMove(memory, event, row)
    : compareEnding(memory, event, row);
}

/** Compares a revert with the stored transfer of its id: all but the original follows from it. */
export function compareRevert({ originalId }: NewRevert, row: StoredTransfer): TransferStatus {
  if (row.kind === TransferKinds.EXPIRE || row.flags !== 0) return "exists_with_different_flags";
  return row.revertsId === originalId ? "exists" : "exists_with_different_pending_id";
}

function compareMove(memory: Memory, event: NewTransfer, row: StoredTransfer): TransferStatus {
  const { debit, credit } = sidesOf(memory, row);
  if (event.debitAccountId !== debit.id) return "exists_with_different_debit_account_id";
  if (event.creditAccountId !== credit.id) return "exists_with_different_credit_account_id";
  const isCap = (row.flags & balancing) !== 0;
  const isSame = isCap ? event.amount >= row.amount : event.amount === row.amount;
  if (!isSame) return "exists_with_different_amount";
  if (event.userData !== row.userData) return "exists_with_different_user_data";
  if (event.ledger !== row.ledger) return "exists_with_different_ledger";
  return event.code === row.code ? "exists" : "exists_with_different_code";
}

const balancing = TransferFlags.BALANCING_DEBIT | TransferFlags.BALANCING_CREDIT;

function compareEnding(memory: Memory, event: NewTransfer, row: StoredTransfer): TransferStatus {
  const pending = findTransfer(memory, row.pendingId)!;
  const { debit, credit } = sidesOf(memory, row);
  const userData = event.userData === ZERO_ID ? pending.userData : event.userData;
  if (!inherits(event.debitAccountId, debit)) return "exists_with_different_debit_account_id";
  if (!inherits(event.creditAccountId, credit)) return "exists_with_different_credit_account_id";
  if (resolvedAmount(event, pending) !== row.amount) return "exists_with_different_amount";
  if (userData !== row.userData) return "exists_with_different_user_data";
  if (event.ledger !== 0 && event.ledger !== row.ledger) return "exists_with_different_ledger";
  if (event.code !== 0 && event.code !== row.code) return "exists_with_different_code";
  return "exists";
}
