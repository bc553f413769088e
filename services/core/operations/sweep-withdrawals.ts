import type { Looked } from "#mesh/events/waker.ts";
import { MAX_DUE_WITHDRAWALS } from "#mesh/limits.ts";
import type { Withdrawing } from "../context.ts";
import type { Runner } from "../saga/runner.ts";
import { takeDue } from "../store/due-withdrawals.ts";

/**
 * Takes up withdrawals that are due: those that a crash has left, that wait for settlement or the
 * ledger, or whose payout has ended. Tells whether there may be more.
 */
export async function sweepWithdrawals(
  { db }: Pick<Withdrawing, "db">,
  runner: Runner,
): Promise<Looked> {
  const due = await takeDue(db.sql, MAX_DUE_WITHDRAWALS);
  if (due.length === 0) return undefined;
  await runner.runDue(due);
  return due.length === MAX_DUE_WITHDRAWALS;
}
