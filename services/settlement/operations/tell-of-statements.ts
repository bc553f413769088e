import { transaction } from "#mesh/database/transaction.ts";
import { MAX_NOTED_MISSING, MAX_REVIEWED_STATEMENTS, STATEMENT_QUIET_MS } from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import { type Alarm, payoutAlarms } from "../events.ts";
import { listStated, noteMissing } from "../store/awaited-payments.ts";
import {
  lockStatements,
  planByIndexes,
  type StoredStatement,
  takeUntold,
} from "../store/statements.ts";

/**
 * Once no further part of a provider's statements has come for a while, notes those payouts as
 * missing that the imports have left, and tells administrators of statements with new differences.
 */
export async function tellOfStatements(
  { db }: Pick<Settlement, "db">,
  quietMs = STATEMENT_QUIET_MS,
): Promise<void> {
  await transaction(db, async (tx) => {
    await planByIndexes(tx);
    for (const provider of await listStated(tx, quietMs)) {
      if (await lockStatements(tx, provider)) await noteMissing(tx, provider, MAX_NOTED_MISSING);
    }
    const untold = await takeUntold(tx, { quietMs, limit: MAX_REVIEWED_STATEMENTS });
    await payoutAlarms(tx, untold.map(toAlarm));
  });
}

function toAlarm({ provider, day, openLineCount, missingCount }: StoredStatement): Alarm {
  const found = [
    `${openLineCount} lines are too much or have another amount`,
    `${missingCount} payouts are missing`,
  ];
  const detail = `On the statement of ${day} ${found.join(", and ")}.`;
  return { kind: "STATEMENT_DIFFERS", payoutId: "", provider, detail };
}
