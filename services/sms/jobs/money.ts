import type { Job } from "#mesh/jobs/loop.ts";
import { COMPARE_EVERY_MS } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import { type LedgerReader, moneyComparison } from "../operations/compare-money.ts";

/** Compares messages and money over and over (MON-9). */
export function moneyJob(sms: Sms, ledger: LedgerReader): Job {
  const compare = moneyComparison(sms, ledger);
  return {
    name: "money",
    everyMs: COMPARE_EVERY_MS,
    run: async (signal) => void (await compare(signal)),
  };
}
