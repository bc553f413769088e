import type { Fold, Step } from "./state.ts";
import { tell } from "./tell.ts";
import { TransferFlags, TransferKinds } from "../transfer.ts";

/** A closed account takes nothing but voids and expiries (ACC-8). */
export function checkClosed({ book }: Fold, step: Step): void {
  const { rows, at, debit, credit } = step;
  if (rows.kind[at]! >= TransferKinds.VOID) return;
  if (book.isClosed[debit] !== 0) tell(step, debit, "debit_slot", ["an open account", debit]);
  if (book.isClosed[credit] !== 0) tell(step, credit, "credit_slot", ["an open account", credit]);
}

/** A closing transfer closes an account for as long as it is pending. */
export function applyClosing({ book, pendings }: Fold, step: Step): void {
  const { rows, at, debit, credit, pending } = step;
  const isPending = rows.kind[at] === TransferKinds.PENDING;
  const flags = isPending ? rows.flags[at]! : pendings.flags[pending]!;
  const closed = isPending ? 1 : 0;
  if ((flags & TransferFlags.CLOSING_DEBIT) !== 0) book.isClosed[debit] = closed;
  if ((flags & TransferFlags.CLOSING_CREDIT) !== 0) book.isClosed[credit] = closed;
}
