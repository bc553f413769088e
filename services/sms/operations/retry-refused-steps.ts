import { REFUSED_STEP_MS, REFUSED_STEPS } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import {
  countRefusals,
  findDueRefusals,
  settleRefusals,
  type StoredStep,
} from "../store/told-steps.ts";
import { askLedger } from "./ask-ledger.ts";
import { reportRefusals } from "./report-refusals.ts";

/**
 * Tells the ledger again what it has refused, with growing pauses and a bounded number of times;
 * what is left then stays in the table for an operator.
 */
export async function retryRefusedSteps(sms: Sms): Promise<void> {
  const steps = await findDueRefusals(sms.db, REFUSED_STEPS.perPass);
  if (steps.length > 0) {
    const refused = await askLedger(sms, steps);
    const isRefused = ({ id }: StoredStep) => refused.has(id);
    reportRefusals(sms, steps.filter(isRefused), refused);
    await settleRefusals(
      sms.db,
      steps.filter((step) => !isRefused(step)).map(({ id }) => id),
      steps.filter(isRefused).map((step) => again(step, refused.get(step.id)!)),
    );
  }
  const kept = sms.metrics.gauge("mizan_sms_refused_steps", "Refused steps that are kept.");
  kept.set(await countRefusals(sms.db));
}

function again({ id, attempts }: StoredStep, reason: string) {
  const isLast = attempts + 1 >= REFUSED_STEPS.attempts;
  return { id, reason, ...(!isLast && { pauseMs: REFUSED_STEP_MS * 2 ** attempts }) };
}
