import type { Sms } from "../context.ts";
import type { StoredStep } from "../store/told-steps.ts";

/** Raises the alarm for steps that the ledger refuses: messages and money no longer agree. */
export function reportRefusals(
  { log, metrics }: Pick<Sms, "log" | "metrics">,
  steps: readonly StoredStep[],
  reasons: ReadonlyMap<number, string>,
): void {
  const refusals = metrics.counter("mizan_sms_ledger_refusals_total", "Steps that were refused.");
  for (const { id, kind, holdId, messageId } of steps) {
    const reason = reasons.get(id)!;
    refusals.add({ kind, reason });
    const step = { step: id, kind, reason, chunk_id: holdId, message_id: messageId };
    log.error(step, "the ledger refuses a step");
  }
}
