import { coalesce } from "#mesh/coalesce.ts";
import { ADVANCED_WITHDRAWALS, ADVANCE_MS } from "#mesh/limits.ts";
import type { Withdrawal } from "../domain/withdrawal.ts";
import { advance, type Saga } from "./advance.ts";

/** Carries withdrawals out in this process, many at a time. */
export type Runner = {
  /** Begins to carry one out that was just stored; what fails is left to the job. */
  readonly run: (one: Withdrawal) => void;
  /** Carries some out that were due, but for those that this process is at already. */
  readonly runDue: (rows: readonly Withdrawal[]) => Promise<void>;
  /** How many are being carried out. */
  readonly count: () => number;
};

/** Makes the runner of a process. */
export function createRunner(saga: Saga): Runner {
  const running = new Set<string>();
  const { add } = coalesce<Withdrawal, undefined>({
    ...ADVANCED_WITHDRAWALS,
    flush: async (rows) => {
      await advance(saga, rows, Date.now() + ADVANCE_MS);
      return rows.map(() => undefined);
    },
  });
  const during = async (rows: readonly Withdrawal[], work: () => Promise<void>) => {
    for (const { id } of rows) running.add(id);
    try {
      await work();
    } finally {
      for (const { id } of rows) running.delete(id);
    }
  };
  saga.metrics.watch(
    "mizan_withdrawals_under_way",
    "Withdrawals that are carried out right now.",
    () => running.size,
  );
  return {
    run: (one) => {
      during([one], async () => add(one)).catch((error: unknown) => {
        saga.log.warn({ err: error, withdrawal_id: one.id }, "a withdrawal is left to the job");
      });
    },
    runDue: async (rows) => {
      const due = rows.filter(({ id }) => !running.has(id));
      if (due.length === 0) return;
      await during(due, async () => advance(saga, due, Date.now() + ADVANCE_MS));
    },
    count: () => running.size,
  };
}
