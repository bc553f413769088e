import { NO_PENDING } from "./pendings.ts";
import type { Fold, Step } from "./state.ts";
import { tell, textOf } from "./tell.ts";
import { TransferKinds } from "../transfer.ts";
import { isMore, isSame } from "./wide.ts";

/** A transfer that resolves a pending one: that is open, once, and the two agree (TRF-2, TRF-3). */
export function checkEnding({ pendings }: Fold, step: Step): void {
  const { rows, at, debit, credit, pending } = step;
  const pendingAtUs = rows.pendingAtUs[at]!;
  if (rows.kind[at]! < TransferKinds.POST) {
    if (pendingAtUs !== 0) tell(step, debit, "pending_at_us", ["", pendingAtUs]);
    return;
  }
  if (pending === NO_PENDING) {
    tell(step, debit, "pending_at_us", ["an open pending transfer", pendingAtUs]);
    return;
  }
  const agree = (slot: number, field: string, expected: number, found: number) => {
    if (expected !== found) tell(step, slot, field, [expected, found]);
  };
  agree(debit, "debit_slot", pendings.debitSlot[pending]!, rows.debit.slot[at]!);
  agree(credit, "credit_slot", pendings.creditSlot[pending]!, rows.credit.slot[at]!);
  agree(debit, "ledger", pendings.ledger[pending]!, rows.ledger[at]!);
  checkAmount(pendings.amount, step);
  if (rows.kind[at] === TransferKinds.EXPIRE) checkExpiry(pendings.expiresAtUs[pending]!, step);
}

/** No more is posted than was held, and all of it is freed. */
function checkAmount(held: Fold["pendings"]["amount"], step: Step): void {
  const { rows, at, debit, pending } = step;
  const isPost = rows.kind[at] === TransferKinds.POST;
  const isRight = isPost
    ? !isMore(rows.amount, at, held, pending)
    : isSame(rows.amount, at, held, pending);
  if (isRight) return;
  const expected = `${isPost ? "at most " : ""}${textOf(held, pending)}`;
  tell(step, debit, "amount", [expected, textOf(rows.amount, at)]);
}

function checkExpiry(expiresAtUs: number, step: Step): void {
  const atUs = step.rows.atUs[step.at]!;
  if (expiresAtUs === 0) tell(step, step.debit, "kind", ["no expiry", TransferKinds.EXPIRE]);
  else if (atUs < expiresAtUs) tell(step, step.debit, "at_us", [`at least ${expiresAtUs}`, atUs]);
}
