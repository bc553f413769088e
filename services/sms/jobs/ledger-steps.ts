import type { Job } from "#mesh/jobs/loop.ts";
import { LEDGER_STEPS_IDLE_MS, REFUSED_STEP_MS } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import { retryRefusedSteps } from "../operations/retry-refused-steps.ts";
import { tellLedger } from "../operations/tell-ledger.ts";
import { steadily } from "#mesh/jobs/steadily.ts";

/** Tells the ledger of captures, releases and refunds, and again of those that it refused. */
export const ledgerStepsJobs = (sms: Sms): Job[] => [
  steadily("ledger-steps", LEDGER_STEPS_IDLE_MS, async () => tellLedger(sms)),
  {
    name: "refused-steps",
    everyMs: REFUSED_STEP_MS,
    run: async () => retryRefusedSteps(sms),
  },
];
