import type { Looked } from "#mesh/events/waker.ts";
import { LEDGER_LAG_SECONDS, MAX_TOLD_STEPS, REFUSED_STEP_MS } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import { findLedgerSteps, settleSteps, type StoredStep, type Told } from "../store/told-steps.ts";
import { askLedger } from "./ask-ledger.ts";
import { reportRefusals } from "./report-refusals.ts";

/**
 * Tells the ledger what was decided of holds, oldest first, until it has heard it (MON-5). What it
 * refuses is kept aside and reported, and holds nobody up. Tells whether there may be more.
 */
export async function tellLedger(sms: Sms): Promise<Looked> {
  const steps = await findLedgerSteps(sms.db, MAX_TOLD_STEPS);
  const waiting = sms.metrics.gauge("mizan_sms_ledger_steps_waiting", "Steps not told yet.");
  waiting.set(steps.length);
  if (steps.length === 0) return undefined;
  const refused = await askLedger(sms, steps);
  const isRefused = ({ id }: StoredStep) => refused.has(id);
  reportRefusals(sms, steps.filter(isRefused), refused);
  const told = await settleSteps(
    sms.db,
    steps.filter((step) => !isRefused(step)).map(({ id }) => id),
    [...refused].map(([id, reason]) => ({ id, reason, pauseMs: REFUSED_STEP_MS })),
  );
  measure(sms, told);
  return steps.length === MAX_TOLD_STEPS;
}

function measure({ metrics }: Sms, told: readonly Told[]): void {
  const lag = metrics.histogram(
    "mizan_sms_ledger_lag_seconds",
    "How long the ledger took to hear of what was decided.",
    LEDGER_LAG_SECONDS,
  );
  for (const { kind, lagMs } of told) lag.observe(lagMs / 1000, { kind });
}
