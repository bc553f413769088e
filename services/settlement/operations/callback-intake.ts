import { coalesce } from "#mesh/coalesce.ts";
import { TAKEN_CALLBACKS } from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import { insertCallbacks, type NewCallback } from "../store/callbacks.ts";

/** Stores a call-back; returns when it is committed. Throws OVERLOADED. */
export type TakeCallback = (callback: NewCallback) => Promise<void>;

/**
 * Takes call-backs in as they come, concurrent ones in one commit. What they mean is found out
 * later, so that nothing of ours makes a bank wait, or lose what it tells.
 */
export function createCallbackIntake({ db }: Pick<Settlement, "db">): TakeCallback {
  const { add } = coalesce({
    flush: async (callbacks: readonly NewCallback[]) => {
      await insertCallbacks(db, callbacks);
      return callbacks.map(() => undefined);
    },
    maxItems: TAKEN_CALLBACKS.perCommit,
    maxWaiting: TAKEN_CALLBACKS.waiting,
  });
  return add;
}
