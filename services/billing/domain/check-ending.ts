import { MAX_ID, ZERO_ID } from "#mesh/ids.ts";
import { MAX_AMOUNT } from "#mesh/money.ts";
import type { Account, Id } from "./account.ts";
import { hasTimeout } from "./check-transfer.ts";
import {
  type NewTransfer,
  type Sides,
  type StoredTransfer,
  TransferFlags,
  TransferKinds,
  type TransferStatus,
} from "./transfer.ts";

// The rules of section 5 for posts and voids, like those of check-transfer.ts.

/** What is wrong with a post or void by itself: the statuses 17 and 24 to 27. */
export function findMalformedEnding(event: NewTransfer): TransferStatus | undefined {
  const { id, flags, pendingId } = event;
  const kind = flags & (TransferFlags.POST_PENDING | TransferFlags.VOID_PENDING);
  if ((flags & ~TransferFlags.LINKED) !== kind || kind === both) {
    return "flags_are_mutually_exclusive";
  }
  if (pendingId === ZERO_ID) return "pending_id_must_not_be_zero";
  if (pendingId === MAX_ID) return "pending_id_must_not_be_max";
  if (pendingId === id) return "pending_id_must_be_different";
  return hasTimeout(event) ? "timeout_reserved_for_pending_transfer" : undefined;
}

const both = TransferFlags.POST_PENDING | TransferFlags.VOID_PENDING;

/** What does not fit the pending transfer: the statuses 36 to 40. Zeros inherit (TRF-2). */
export function findOtherPending(
  event: NewTransfer,
  pending: StoredTransfer,
  { debit, credit }: Sides,
): TransferStatus | undefined {
  if (pending.kind !== TransferKinds.PENDING) return "pending_transfer_not_pending";
  if (!inherits(event.debitAccountId, debit)) {
    return "pending_transfer_has_different_debit_account_id";
  }
  if (!inherits(event.creditAccountId, credit)) {
    return "pending_transfer_has_different_credit_account_id";
  }
  if (event.ledger !== 0 && event.ledger !== pending.ledger) {
    return "pending_transfer_has_different_ledger";
  }
  if (event.code !== 0 && event.code !== pending.code) {
    return "pending_transfer_has_different_code";
  }
  return undefined;
}

/** Whether an id names an account, or leaves it to the pending transfer. */
export function inherits(id: Id, account: Account): boolean {
  return id === ZERO_ID || id === account.id;
}

/** The statuses 41 and 42. */
export function findWrongAmount(
  event: NewTransfer,
  pending: StoredTransfer,
): TransferStatus | undefined {
  const amount = resolvedAmount(event, pending);
  if (amount > pending.amount) return "exceeds_pending_transfer_amount";
  const isVoid = (event.flags & TransferFlags.VOID_PENDING) !== 0;
  if (isVoid && amount < pending.amount) return "pending_transfer_has_different_amount";
  return undefined;
}

/** The statuses 43 to 45. */
export function findResolution({ resolution }: StoredTransfer): TransferStatus | undefined {
  if (resolution === "posted") return "pending_transfer_already_posted";
  if (resolution === "voided") return "pending_transfer_already_voided";
  if (resolution === "expired") return "pending_transfer_expired";
  return undefined;
}

/** What a post or void moves or frees, where 0 and "all" stand for the whole (TRF-1). */
export function resolvedAmount(event: NewTransfer, pending: StoredTransfer): bigint {
  const isVoid = (event.flags & TransferFlags.VOID_PENDING) !== 0;
  return event.amount === (isVoid ? 0n : MAX_AMOUNT) ? pending.amount : event.amount;
}
