import { setTimeout as sleep } from "node:timers/promises";
import { ConnectError } from "@connectrpc/connect";
import { isDecision } from "#mesh/errors.ts";
import { PEER_CALL_MS, PEER_RETRY_MS } from "#mesh/limits.ts";

/**
 * Calls a service, or the database, until it answers: a call that can come again with the same
 * effect. Throws what it has decided, and what the last call failed with when there was no answer
 * until the end, in epoch milliseconds.
 */
export async function insist<R>(
  call: (timeoutMs: number) => Promise<R>,
  endMs: number,
): Promise<R> {
  for (let pauseMs: number = PEER_RETRY_MS.first; ; pauseMs *= 2) {
    try {
      return await call(Math.max(1, Math.min(PEER_CALL_MS, endMs - Date.now())));
    } catch (error) {
      const waitMs = Math.min(pauseMs, PEER_RETRY_MS.most);
      const mayPass = error instanceof ConnectError && !isDecision(error);
      if (!mayPass || Date.now() + waitMs >= endMs) throw error;
      await sleep(waitMs);
    }
  }
}
