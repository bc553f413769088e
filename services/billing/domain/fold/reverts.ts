import type { Fold, Original, Step } from "./state.ts";
import { tell } from "./tell.ts";
import { TransferKinds } from "../transfer.ts";
import { valueOf } from "./wide.ts";

/** A revert is the mirror of a single or post transfer, which has one at most (EXT-3). */
export function checkRevert({ reverted }: Fold, step: Step): void {
  const { rows, at, originals } = step;
  const originalAtUs = rows.revertsAtUs[at]!;
  const original = originals.get(originalAtUs);
  const problem = findProblem(original, step) ?? (reverted.has(originalAtUs) && "one revert");
  if (problem) tell(step, step.debit, "reverts_at_us", [problem, originalAtUs]);
  reverted.set(originalAtUs, rows.atUs[at]!);
}

function findProblem(original: Original | undefined, { rows, at }: Step): string | undefined {
  if (original === undefined || rows.revertsAtUs[at]! >= rows.atUs[at]!) return "an older transfer";
  const { kind, isRevert } = original;
  const isRevertible = kind === TransferKinds.SINGLE || kind === TransferKinds.POST;
  if (!isRevertible || isRevert) return "a single or post transfer";
  const isMirror =
    rows.kind[at] === TransferKinds.SINGLE &&
    original.ledger === rows.ledger[at] &&
    original.debitSlot === rows.credit.slot[at] &&
    original.creditSlot === rows.debit.slot[at] &&
    original.amount === valueOf(rows.amount, at);
  return isMirror ? undefined : "the mirror of its original";
}
