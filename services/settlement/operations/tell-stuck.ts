import { transaction } from "#mesh/database/transaction.ts";
import { committed } from "#mesh/events/outbox.ts";
import { MAX_SWEPT_PAYOUTS } from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import { handOver } from "../domain/administer-payout.ts";
import { positionOf } from "../domain/payout-machine.ts";
import { commitMoves } from "../engine/commit-moves.ts";
import { type Alarm, payoutAlarms } from "../events.ts";
import { lockStuck, markTold } from "../store/stuck-payouts.ts";
import { findPayouts } from "../store/read-payouts.ts";

/**
 * Calls somebody to payouts that have not ended for too long, once each, whoever was to pay them
 * (PAY-5). What a provider has accepted is UNKNOWN by then, so that administrators can end it;
 * nothing else changes: providers are still asked, and sent to. Tells whether there may be more.
 */
export async function tellStuck({ db, terms }: Pick<Settlement, "db" | "terms">): Promise<boolean> {
  const count = await transaction(db, async (tx) => {
    const stuck = await lockStuck(tx, terms.unknownMs, MAX_SWEPT_PAYOUTS);
    const payouts = await findPayouts(
      tx,
      stuck.map(({ id }) => id),
    );
    const inTransit = payouts.filter((one) => positionOf(one) === "SENDING IN_TRANSIT");
    await commitMoves(tx, inTransit.map(handOver));
    const untold = new Set(stuck.flatMap(({ id, isTold }) => (isTold ? [] : [id])));
    const alarms = payouts.filter(({ id }) => untold.has(id)).map(toAlarm);
    await payoutAlarms(tx, alarms);
    await markTold(tx, [...untold]);
    return stuck.length;
  });
  committed();
  return count === MAX_SWEPT_PAYOUTS;
}

function toAlarm({ id, provider, state }: Parameters<typeof handOver>[0]): Alarm {
  const detail =
    state === "PENDING"
      ? "It has waited for too long for a bank that takes it."
      : "Nobody knows whether it was paid; look at the bank, and say so.";
  return { kind: "OUTCOME_UNKNOWN", payoutId: id, provider, detail };
}
