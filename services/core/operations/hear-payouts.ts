import type { PayoutsChanged } from "#gen/mizan/settlement/v1/events_pb.ts";
import { toNews } from "../saga/payout-news.ts";
import { hearNews } from "../store/due-withdrawals.ts";
import type { Queries } from "../store/tables.ts";

/**
 * Keeps what settlement tells of payouts, in one statement that may be repeated. One that has ended
 * makes its withdrawal due, so that the ledger is told; what a call is just carrying out it learns
 * by itself, unless the bank has sent the money back already.
 */
export async function hearPayouts(db: Queries, { payouts }: PayoutsChanged): Promise<void> {
  await hearNews(db, payouts.map(toNews));
}
