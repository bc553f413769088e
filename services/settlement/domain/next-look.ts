import { MAX_PAYOUT_LOOK_MS } from "#mesh/limits.ts";

/** When to look again at what was looked at in vain so often: twice as late each time, to a bound. */
export function nextLookMs(firstMs: number, tries: number): number {
  return Math.min(firstMs * 2 ** Math.min(tries, 20), MAX_PAYOUT_LOOK_MS);
}
