import type { Job } from "#mesh/jobs/loop.ts";
import { steadily } from "#mesh/jobs/steadily.ts";
import { MEASURE_PAYOUTS_MS, PAYOUTS_IDLE_MS, TELL_STUCK_MS } from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import type { Engine } from "../engine/engine.ts";
import { advancePayouts } from "../operations/advance-payouts.ts";
import { askProvider } from "../operations/ask-provider.ts";
import { payoutMeasure } from "../operations/payout-measure.ts";
import { tellStuck } from "../operations/tell-stuck.ts";

/** Brings payouts to their ends that do not get there at once; no provider waits for another. */
export const payoutJobs = (settlement: Settlement, engine: Engine): Job[] => [
  steadily("payouts", PAYOUTS_IDLE_MS, async () => advancePayouts(settlement, engine)),
  ...[...settlement.banks].map(([name, bank]) =>
    steadily(`ask-${name}`, PAYOUTS_IDLE_MS, async (signal) =>
      askProvider(settlement, bank, signal),
    ),
  ),
  {
    name: "stuck-payouts",
    everyMs: TELL_STUCK_MS,
    run: async (signal) => {
      let mayBeMore = true;
      while (mayBeMore && !signal.aborted) mayBeMore = await tellStuck(settlement);
    },
  },
  { name: "measure-payouts", everyMs: MEASURE_PAYOUTS_MS, run: payoutMeasure(settlement) },
];
