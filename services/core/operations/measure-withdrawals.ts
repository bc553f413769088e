import type { Withdrawing } from "../context.ts";
import { measureOpen } from "../store/due-withdrawals.ts";

/** Measures how many withdrawals are not done, and how far the job is behind. */
export async function measureWithdrawals({
  db,
  metrics,
}: Pick<Withdrawing, "db" | "metrics">): Promise<void> {
  const { count, lateMs } = await measureOpen(db.sql);
  metrics.gauge("mizan_withdrawals_open", "Withdrawals that have not ended.").set(count);
  metrics
    .gauge("mizan_withdrawals_late_seconds", "How late the latest due withdrawal is.")
    .set(lateMs / 1000);
}
