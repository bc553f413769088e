import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, systemClock } from "#mesh/clock.ts";

/** Hands out the parts of a second that a provider takes from us (LANE-3). */
export type Tokens = {
  /** How many a call should need at most, so that no second has more than a little too many. */
  readonly most: number;
  /** Waits until so many may go; those who come first go first (LANE-4). */
  readonly take: (count: number) => Promise<void>;
};

/** Makes a bucket of tokens that refills evenly, at a rate that may change; what was not used in a moment is lost. */
export function createTokens(
  perSecond: () => number,
  burstMs: number,
  { monotonicMs }: Pick<Clock, "monotonicMs"> = systemClock,
): Tokens {
  let nextMs = -Infinity;
  const take = async (count: number) => {
    const nowMs = monotonicMs();
    const atMs = Math.max(nextMs, nowMs - burstMs);
    nextMs = atMs + (count * 1000) / perSecond();
    if (atMs > nowMs) await sleep(atMs - nowMs);
  };
  return { most: Math.max(1, Math.floor((perSecond() * burstMs) / 1000)), take };
}
