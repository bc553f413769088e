import { setTimeout as sleep } from "node:timers/promises";
import { isDecision } from "#mesh/errors.ts";
import { HOLD_CALL_MS, HOLD_RETRY_MS } from "#mesh/limits.ts";
import { fail } from "../errors.ts";

/**
 * Calls the ledger until it answers: a call that can come again with the same effect. Throws
 * LEDGER_AWAY when it has not answered until the end, in epoch milliseconds.
 */
export async function insist<R>(
  call: (timeoutMs: number) => Promise<R>,
  endMs: number,
): Promise<R> {
  for (let pauseMs: number = HOLD_RETRY_MS.first; ; pauseMs *= 2) {
    try {
      return await call(Math.max(1, Math.min(HOLD_CALL_MS, endMs - Date.now())));
    } catch (error) {
      if (isDecision(error)) throw new Error("the ledger does not serve us", { cause: error });
      const waitMs = Math.min(pauseMs, HOLD_RETRY_MS.most);
      if (Date.now() + waitMs >= endMs) throw Object.assign(fail("LEDGER_AWAY"), { cause: error });
      await sleep(waitMs);
    }
  }
}
