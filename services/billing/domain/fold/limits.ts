import { AccountFlags } from "../account.ts";
import { counterOf, type Side, Sides } from "./book.ts";
import type { Fold, Step } from "./state.ts";
import { tell, textOf } from "./tell.ts";
import { add, copy, createWides, isMore } from "./wide.ts";

/** No account is beyond its limit after any transfer (ACC-2); of each it is told once. */
export function checkLimits(fold: Fold, step: Step): void {
  const { limits } = fold.book;
  const { debit, credit } = step;
  if ((limits[debit]! & AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS) !== 0) {
    checkSide(fold, step, debit, Sides.DEBIT);
  }
  if ((limits[credit]! & AccountFlags.CREDITS_MUST_NOT_EXCEED_DEBITS) !== 0) {
    checkSide(fold, step, credit, Sides.CREDIT);
  }
}

/** What is pending and posted on one side is together no more than what is posted on the other. */
function checkSide(fold: Fold, step: Step, slot: number, side: Side): void {
  const { differences, overdrawn } = fold;
  const { counters } = fold.book;
  const pending = counterOf(slot, side);
  const bound = counterOf(slot, side === Sides.DEBIT ? Sides.CREDIT : Sides.DEBIT) + 1;
  copy(sum, 0, counters, pending);
  add(sum, 0, counters, pending + 1);
  if (!isMore(sum, 0, counters, bound) || overdrawn.has(slot)) return;
  if (differences.has(slot)) return; // that was told, and what its limit says is unknown
  overdrawn.add(slot);
  tell(step, slot, "limit", [`at most ${textOf(counters, bound)}`, textOf(sum, 0)]);
}

const sum = createWides(1);
