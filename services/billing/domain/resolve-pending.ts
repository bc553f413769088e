import { MAX_ID, ZERO_ID } from "#mesh/ids.ts";
import { MAX_AMOUNT } from "#mesh/money.ts";
import type { Account, Id } from "./account.ts";
import { findClosed, hasTimeout } from "./check-transfer.ts";
import type { Memory } from "./memory.ts";
import { created, recordTransfer, setClosed, touch } from "./record-transfer.ts";
import {
  type NewTransfer,
  type Resolution,
  type Sides,
  type StoredTransfer,
  TransferFlags,
  TransferKinds,
  type TransferResult,
  type TransferStatus,
} from "./transfer.ts";

/** Posts or voids a pending transfer, or says which rule is broken first. */
export function resolvePending(memory: Memory, event: NewTransfer): TransferResult {
  const malformed = findMalformed(event);
  if (malformed !== undefined) return { status: malformed };
  const pending = findTransfer(memory, event.pendingId);
  if (pending === undefined) return { status: "pending_transfer_not_found" };
  const sides = sidesOf(memory, pending);
  const isVoid = (event.flags & TransferFlags.VOID_PENDING) !== 0;
  const refusal =
    findMismatch(event, pending, sides) ??
    findWrongAmount(event, pending) ??
    findResolution(pending) ??
    (isVoid ? undefined : findClosed(sides));
  if (refusal !== undefined) return { status: refusal };
  const row = endPending(memory, pending, {
    id: event.id,
    kind: isVoid ? TransferKinds.VOID : TransferKinds.POST,
    flags: event.flags,
    amount: resolvedAmount(event, pending),
    userData: event.userData === ZERO_ID ? pending.userData : event.userData,
    reference: event.reference,
  });
  return created(row, sides);
}

/** What ends a pending transfer; all else is inherited from it (TRF-2). */
export type Ending = {
  readonly id: Id;
  readonly kind: number;
  readonly flags: number;
  readonly amount: bigint;
  readonly userData: Id;
  readonly reference: string | undefined;
};

/** Ends an open pending transfer: what was held is freed, and what is posted is moved (TRF-3). */
export function endPending(
  memory: Memory,
  pending: StoredTransfer,
  ending: Ending,
): StoredTransfer {
  const sides = sidesOf(memory, pending);
  const { debit, credit } = sides;
  touch(memory, debit);
  touch(memory, credit);
  debit.debitsPending -= pending.amount;
  credit.creditsPending -= pending.amount;
  if (ending.kind === TransferKinds.POST) {
    debit.debitsPosted += ending.amount;
    credit.creditsPosted += ending.amount;
  }
  if ((pending.flags & TransferFlags.CLOSING_DEBIT) !== 0) setClosed(debit, false);
  if ((pending.flags & TransferFlags.CLOSING_CREDIT) !== 0) setClosed(credit, false);
  const { id: pendingId, seq: pendingSeq, code, ledger } = pending;
  const entry = { ...ending, pendingId, pendingSeq, code, ledger, timeoutSeconds: 0 };
  const row = recordTransfer(memory, entry, sides);
  pending.resolution = resolutions[ending.kind]!;
  memory.pendings.remove(pendingId);
  memory.recent.add(pending);
  memory.recent.add(row);
  memory.changes.closed.push(pending);
  return row;
}

const resolutions: Readonly<Record<number, Resolution>> = {
  [TransferKinds.POST]: "posted",
  [TransferKinds.VOID]: "voided",
  [TransferKinds.EXPIRE]: "expired",
};

/** What a post or void moves or frees, where 0 and "all" stand for the whole (TRF-1). */
export function resolvedAmount(event: NewTransfer, pending: StoredTransfer): bigint {
  const isVoid = (event.flags & TransferFlags.VOID_PENDING) !== 0;
  return event.amount === (isVoid ? 0n : MAX_AMOUNT) ? pending.amount : event.amount;
}

/** Finds a stored transfer in memory. */
export function findTransfer(memory: Memory, id: Id): StoredTransfer | undefined {
  const open = memory.pendings.find(id);
  if (open !== undefined) return open;
  const decided = memory.recent.find(id);
  return decided !== undefined && "seq" in decided ? decided : undefined;
}

/** The accounts of a stored transfer. */
export function sidesOf(memory: Memory, row: StoredTransfer): Sides {
  return { debit: memory.slots[row.debitSlot]!, credit: memory.slots[row.creditSlot]! };
}

/** What is wrong with a post or void by itself: the statuses 17 and 24 to 27. */
function findMalformed(event: NewTransfer): TransferStatus | undefined {
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
function findMismatch(
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
function findWrongAmount(event: NewTransfer, pending: StoredTransfer): TransferStatus | undefined {
  const amount = resolvedAmount(event, pending);
  if (amount > pending.amount) return "exceeds_pending_transfer_amount";
  const isVoid = (event.flags & TransferFlags.VOID_PENDING) !== 0;
  if (isVoid && amount < pending.amount) return "pending_transfer_has_different_amount";
  return undefined;
}

/** The statuses 43 to 45. */
function findResolution({ resolution }: StoredTransfer): TransferStatus | undefined {
  if (resolution === "posted") return "pending_transfer_already_posted";
  if (resolution === "voided") return "pending_transfer_already_voided";
  if (resolution === "expired") return "pending_transfer_expired";
  return undefined;
}
