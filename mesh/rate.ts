import { boundedMap } from "./bounded-map.ts";
import { type Clock, systemClock } from "./clock.ts";

/** How often something may happen: so many times a second, and so many at once after a pause. */
export type Rate = { readonly perSecond: number; readonly burst: number };

/**
 * Counts how often each key comes, by the generic cell rate algorithm: one number a key. Returns
 * how long the caller has to wait, in milliseconds; 0 lets it through. What came longest ago is
 * forgotten first (S17).
 */
export function rateOf(
  { perSecond, burst }: Rate,
  max: number,
  clock: Pick<Clock, "monotonicMs"> = systemClock,
): (key: string) => number {
  const stepMs = 1000 / perSecond;
  const toleranceMs = stepMs * (burst - 1);
  const nextMs = boundedMap<string, number>(max);
  return (key) => {
    const nowMs = clock.monotonicMs();
    const dueMs = Math.max(nextMs.get(key) ?? nowMs, nowMs);
    const waitMs = dueMs - nowMs - toleranceMs;
    if (waitMs > 0) return Math.ceil(waitMs);
    nextMs.set(key, dueMs + stepMs);
    return 0;
  };
}
