import { transaction } from "#mesh/database/transaction.ts";
import { MAX_NOTED_MISSING, OVERDUE_TOLD_EVERY_MS } from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import { type Alarm, payoutAlarms } from "../events.ts";
import { findOverdue, forgetUnstated, markTold, type Overdue } from "../store/awaited-payments.ts";
import type { Tx } from "../store/tables.ts";

/** What ageing is told. */
type Means = Pick<Settlement, "db" | "banks" | "metrics"> & {
  /** After how long a payment has to be on a statement, in milliseconds. */
  readonly overdueMs: number;
};

/**
 * Tells administrators, at most once a day for a provider, what it has paid that no statement shows
 * for too long: as much is stuck in the clearing account of the ledger. What banks without
 * statements pay is waited for by nobody, and forgotten.
 */
export async function tellOverdue({ db, banks, metrics, overdueMs }: Means): Promise<void> {
  const all = [...banks.values()];
  const namesOf = (hasStatements: boolean) =>
    all.filter(({ caps }) => caps.hasStatements === hasStatements).map(({ name }) => name);
  const gauge = metrics.gauge(
    "mizan_settlement_overdue_payouts",
    "Payouts on no statement for too long.",
  );
  const overdue = await transaction(db, async (tx) => {
    await forgetUnstated(tx, namesOf(false), MAX_NOTED_MISSING);
    const found = await findOverdue(tx, namesOf(true), overdueMs);
    await payoutAlarms(tx, (await untoldOf(tx, found)).map(toAlarm));
    return new Map(found.map((one) => [one.provider, one.count]));
  });
  for (const provider of namesOf(true)) gauge.set(overdue.get(provider) ?? 0, { provider });
}

async function untoldOf(tx: Tx, overdue: readonly Overdue[]): Promise<Overdue[]> {
  const untold: Overdue[] = [];
  for (const one of overdue) {
    if (await markTold(tx, one.provider, OVERDUE_TOLD_EVERY_MS)) untold.push(one);
  }
  return untold;
}

function toAlarm({ provider, count, oldestPayoutId, oldestPaidAt }: Overdue): Alarm {
  const since = oldestPaidAt.toISOString();
  const detail = `Payouts on no statement for too long: ${count}, the oldest paid at ${since}.`;
  return { kind: "OVERDUE", payoutId: oldestPayoutId, provider, detail };
}
