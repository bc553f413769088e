import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "#mesh/jobs/loop.ts";
import {
  MEASURE_WITHDRAWALS_MS,
  PRUNE_EVERY_MS,
  STEADY_RUN_MS,
  WITHDRAWALS_IDLE_MS,
} from "#mesh/limits.ts";
import type { Withdrawing } from "../context.ts";
import { freeWithdrawalKeys } from "../operations/free-withdrawal-keys.ts";
import { measureWithdrawals } from "../operations/measure-withdrawals.ts";
import { sweepWithdrawals } from "../operations/sweep-withdrawals.ts";
import type { Runner } from "../saga/runner.ts";

/** Brings withdrawals to their ends, counts those that are open, and forgets old keys. */
export const withdrawalJobs = (saga: Withdrawing, runner: Runner): Job[] => [
  {
    name: "withdrawals",
    everyMs: WITHDRAWALS_IDLE_MS,
    run: async (signal) => {
      const endMs = performance.now() + STEADY_RUN_MS;
      while (!signal.aborted && performance.now() < endMs) {
        const mayBeMore = await sweepWithdrawals(saga, runner);
        if (!mayBeMore) await sleep(WITHDRAWALS_IDLE_MS, undefined, { signal }).catch(() => {});
      }
    },
  },
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
