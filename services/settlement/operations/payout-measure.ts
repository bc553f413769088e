import type { Settlement } from "../context.ts";
import { countOpen } from "../store/due-payouts.ts";

/** Makes a measure that counts the payouts that have not ended, by where they stand. */
export function payoutMeasure({ db, metrics }: Pick<Settlement, "db" | "metrics">) {
  const open = metrics.gauge(
    "mizan_settlement_payouts_open",
    "Payouts that have not ended, by state and stage.",
  );
  let seen: readonly { readonly state: string; readonly stage: string }[] = [];
  return async (): Promise<void> => {
    const counts = await countOpen(db.sql);
    for (const { state, stage } of seen) open.set(0, { state, stage });
    for (const { state, stage, count } of counts) open.set(count, { state, stage });
    seen = counts;
  };
}
