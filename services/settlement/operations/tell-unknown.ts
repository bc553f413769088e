import { transaction } from "#mesh/database/transaction.ts";
import { committed } from "#mesh/events/outbox.ts";
import type { Settlement } from "../context.ts";
import { payoutAlarms } from "../events.ts";
import { markOverdue } from "../store/due-payouts.ts";

/**
 * Calls somebody to payouts whose outcome is unknown for too long, once each (PAY-5). They stay
 * UNKNOWN, and their providers are still asked.
 */
export async function tellUnknown({ db, terms }: Pick<Settlement, "db" | "terms">): Promise<void> {
  await transaction(db, async (tx) => {
    const overdue = await markOverdue(tx, terms.unknownMs);
    const detail = "Nobody knows whether it was paid; look at the bank, and say so.";
    const alarms = overdue.map(({ id, provider }) => {
      return { kind: "OUTCOME_UNKNOWN" as const, payoutId: id, provider, detail };
    });
    await payoutAlarms(tx, alarms);
  });
  committed();
}
