import { reasonOf } from "#mesh/errors.ts";
import type { Withdrawing } from "../context.ts";
import type { Step, Withdrawal } from "../domain/withdrawal.ts";

/**
 * Tells operators of an answer that a withdrawal can't go on with. It stays as it is and is tried
 * again: money is never moved on a guess.
 */
export function reportTrouble(
  { log, metrics }: Pick<Withdrawing, "log" | "metrics">,
  { id, state }: Withdrawal,
  step: Exclude<Step, "NONE">,
  problem: string | Error,
): void {
  const troubles = metrics.counter(
    "mizan_withdrawal_troubles_total",
    "Answers that withdrawals can't go on with.",
  );
  const reason = typeof problem === "string" ? problem : (reasonOf(problem) ?? "NO_ANSWER");
  troubles.add({ step, reason });
  const record = { withdrawal_id: id, state, phase: step, reason };
  if (typeof problem === "string") log.error(record, "a withdrawal can't go on");
  else log.warn({ ...record, err: problem }, "a withdrawal has to wait");
}
