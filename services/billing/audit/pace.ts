import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { AUDIT_REST_SHARE } from "#mesh/limits.ts";

/** How fast an audit works, and when it stops. */
export type Pace = {
  /** Whether somebody waits for the audit. */
  readonly isHurried: () => boolean;
  /**
   * Rests for as long as the work since the last rest asks for. Throws the reason of the signal once
   * nobody wants the work any more.
   */
  readonly rest: () => Promise<void>;
};

/**
 * A pace that works for a bounded share of the time, so that the ledger has its cores for itself;
 * all the time while somebody waits for the audit.
 */
export function createPace(isHurried: () => boolean, signal: AbortSignal): Pace {
  let sinceMs = performance.now();
  return {
    isHurried,
    rest: async () => {
      const workedMs = performance.now() - sinceMs;
      if (isHurried()) await setImmediate();
      else await sleep(workedMs * AUDIT_REST_SHARE, undefined, { signal }).catch(() => {});
      signal.throwIfAborted();
      sinceMs = performance.now();
    },
  };
}
