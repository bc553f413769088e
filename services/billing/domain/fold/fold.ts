import { checkAfter } from "./after.ts";
import { counterOf, createFoldBook, type Side, Sides } from "./book.ts";
import { applyClosing, checkClosed } from "./closing.ts";
import { checkEnding } from "./endings.ts";
import { checkLimits } from "./limits.ts";
import { closePending, createFoldPendings, NO_PENDING, openPending } from "./pendings.ts";
import { checkPlace, findSlot } from "./places.ts";
import { checkRevert } from "./reverts.ts";
import type { FoldRows } from "./rows.ts";
import type { Fold, FoldContext, Step } from "./state.ts";
import { TransferKinds } from "../transfer.ts";
import { add, subtract } from "./wide.ts";

/** A fold of nothing so far. */
export function createFold(): Fold {
  return {
    book: createFoldBook(),
    pendings: createFoldPendings(),
    reverted: new Map(),
    lastSeq: 0,
    lastAtUs: 0,
    gaps: [],
    differences: new Map(),
    overdrawn: new Set(),
  };
}

/**
 * Folds the next transfers into the books that they make from nothing, and reports what is wrong
 * with each: its place, its accounts, what it resolves or takes back, a limit that it breaks, and
 * where the counters stored with it are not those that it leads to. A wrong one counts as it stands.
 */
export function foldRows(fold: Fold, rows: FoldRows, { originals, report }: FoldContext): void {
  const step: Step = { rows, originals, report, at: 0, debit: 0, credit: 0, pending: NO_PENDING };
  for (; step.at < rows.count; step.at += 1) foldRow(fold, step);
}

function foldRow(fold: Fold, step: Step): void {
  const { rows, at } = step;
  const isEnding = rows.kind[at]! >= TransferKinds.POST;
  checkPlace(fold, step);
  step.debit = findSlot(fold, step, Sides.DEBIT);
  step.credit = findSlot(fold, step, Sides.CREDIT);
  step.pending = isEnding ? closePending(fold.pendings, rows.pendingAtUs[at]!) : NO_PENDING;
  checkEnding(fold, step);
  checkClosed(fold, step);
  if (rows.revertsAtUs[at] !== 0) checkRevert(fold, step);
  if (rows.kind[at] === TransferKinds.PENDING) openPending(fold.pendings, rows, at);
  move(fold, step, step.debit, Sides.DEBIT);
  move(fold, step, step.credit, Sides.CREDIT);
  applyClosing(fold, step);
  checkAfter(fold, step, Sides.DEBIT);
  checkAfter(fold, step, Sides.CREDIT);
  checkLimits(fold, step);
}

/** Changes a side as the kind of the transfer says (section 3 of the ledger's rules). */
function move({ book, pendings }: Fold, step: Step, slot: number, side: Side): void {
  const { rows, at, pending } = step;
  const held = counterOf(slot, side);
  const kind = rows.kind[at];
  const isMoved = kind === TransferKinds.SINGLE || kind === TransferKinds.POST;
  book.version[slot]! += 1;
  if (kind === TransferKinds.PENDING) add(book.counters, held, rows.amount, at);
  if (isMoved) add(book.counters, held + 1, rows.amount, at);
  if (pending !== NO_PENDING) subtract(book.counters, held, pendings.amount, pending);
}
