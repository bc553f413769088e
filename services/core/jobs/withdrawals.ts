import type { Job } from "#mesh/jobs/loop.ts";
import { steadily } from "#mesh/jobs/steadily.ts";
import { MEASURE_WITHDRAWALS_MS, PRUNE_EVERY_MS, WITHDRAWALS_IDLE_MS } from "#mesh/limits.ts";
import type { Withdrawing } from "../context.ts";
import { freeWithdrawalKeys } from "../operations/free-withdrawal-keys.ts";
import { measureWithdrawals } from "../operations/measure-withdrawals.ts";
import { sweepWithdrawals } from "../operations/sweep-withdrawals.ts";
import type { Runner } from "../saga/runner.ts";

/** Brings withdrawals to their ends, counts those that are open, and forgets old keys. */
export const withdrawalJobs = (saga: Withdrawing, runner: Runner): Job[] => [
  steadily("withdrawals", WITHDRAWALS_IDLE_MS, async () => sweepWithdrawals(saga, runner)),
  {
    name: "measure-withdrawals",
    everyMs: MEASURE_WITHDRAWALS_MS,
    run: async () => measureWithdrawals(saga),
  },
  {
    name: "withdrawal-keys",
    everyMs: PRUNE_EVERY_MS,
    run: async (signal) => freeWithdrawalKeys(saga, signal),
  },
];
