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
  const counts = `lines that do not agree: ${openLineCount}, missing payouts: ${missingCount}`;
  const detail = `The statement of ${day} differs; ${counts}.`;
  return { kind: "STATEMENT_DIFFERS", payoutId: "", provider, detail };
}
