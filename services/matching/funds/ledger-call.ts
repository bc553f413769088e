import { setTimeout as sleep } from "node:timers/promises";
import { isDecision } from "#mesh/errors.ts";
import { HOLD_CALL_MS, HOLD_RETRY_MS } from "#mesh/limits.ts";
import { fail } from "../errors.ts";

/**
 * Calls the ledger until it answers, five seconds at most: a call that can come again with the same
 * effect. Throws LEDGER_AWAY when it is not known in time how that ended.
 */
export async function ledgerCall<R>(call: (timeoutMs: number) => Promise<R>): Promise<R> {
  const endMs = performance.now() + HOLD_CALL_MS;
  for (let pauseMs: number = HOLD_RETRY_MS.first; ; pauseMs *= 2) {
    try {
      return await call(Math.max(1, Math.ceil(endMs - performance.now())));
    } catch (error) {
      if (isDecision(error)) throw new Error("the ledger does not serve us", { cause: error });
      const waitMs = Math.min(pauseMs, HOLD_RETRY_MS.most);
      if (performance.now() + waitMs >= endMs) {
        throw Object.assign(fail("LEDGER_AWAY"), { cause: error });
      }
      await sleep(waitMs);
    }
  }
}
