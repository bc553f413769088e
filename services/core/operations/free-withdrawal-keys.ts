import { PRUNE_BATCH_ROWS, WITHDRAWAL_KEYS_KEPT_MS } from "#mesh/limits.ts";
import type { Withdrawing } from "../context.ts";
import { firstIdAt } from "../domain/withdrawal-ids.ts";
import { freeKeys } from "../store/due-withdrawals.ts";

/**
 * Forgets the keys of requests that were kept for as long as they have to be (A3), in small bites;
 * the same key asks for another withdrawal then.
 */
export async function freeWithdrawalKeys(
  { db }: Pick<Withdrawing, "db">,
  signal: AbortSignal,
  nowMs: number = Date.now(),
): Promise<void> {
  const beforeId = firstIdAt(nowMs - WITHDRAWAL_KEYS_KEPT_MS);
  while (!signal.aborted) {
    if ((await freeKeys(db.sql, beforeId, PRUNE_BATCH_ROWS)) < PRUNE_BATCH_ROWS) return;
  }
}
