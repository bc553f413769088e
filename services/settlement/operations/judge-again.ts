import { transaction } from "#mesh/database/transaction.ts";
import { MAX_REVIEWED_DIFFERENCES } from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import { findOutdated } from "../store/differences.ts";
import { lockStatements, planByIndexes } from "../store/statements.ts";
import { judgePayouts } from "./judge-payouts.ts";

/**
 * Compares payouts again that have changed since lines of theirs were found not to agree. It looks
 * at a bounded number of differences after one; returns the one after which the next look begins,
 * which is 0 when all were looked at.
 */
export async function judgeAgain({ db }: Pick<Settlement, "db">, afterId = 0): Promise<number> {
  return transaction(db, async (tx) => {
    await planByIndexes(tx);
    const { payouts, nextAfterId } = await findOutdated(tx, afterId, MAX_REVIEWED_DIFFERENCES);
    for (const [provider, found] of Map.groupBy(payouts, (one) => one.provider)) {
      if (!(await lockStatements(tx, provider))) continue;
      const ids = found.map(({ payoutId }) => payoutId);
      await judgePayouts(tx, provider, ids);
    }
    return nextAfterId;
  });
}
