import { type Clock, systemClock } from "#mesh/clock.ts";
import {
  BREAKER_FAILING_MS,
  BREAKER_FAILURES,
  MAX_BANK_PAUSE_MS,
  MIN_BANK_PAUSE_MS,
} from "#mesh/limits.ts";

/** Takes a provider out of rotation while it takes nothing, for new attempts only (PAY-10). */
export type Breaker = {
  /** Whether a new attempt may begin; after a pause there is one that tries. */
  readonly isClosed: () => boolean;
  /** Whether the provider took nothing the last time. */
  readonly isOpen: () => boolean;
  /** Says that an attempt begins; it is the one that tries when the pause is over. */
  readonly begin: () => void;
  /** Hears whether a call went well: whether it was answered, however it was decided. */
  readonly end: (wasAnswered: boolean) => void;
};

/** Makes a breaker that is closed. An attempt that tries and is never heard of is given up. */
export function createBreaker(
  patienceMs: number,
  { monotonicMs }: Pick<Clock, "monotonicMs"> = systemClock,
): Breaker {
  let failures = 0;
  let failingSinceMs = 0;
  let pauseMs = 0; // 0 is closed
  let untilMs = 0;
  let tryingSinceMs = -Infinity;
  const isTrying = () => monotonicMs() - tryingSinceMs < patienceMs;
  const failed = () => {
    const nowMs = monotonicMs();
    if (failures === 0) failingSinceMs = nowMs;
    failures += 1;
    const isRun = failures > 1 && nowMs - failingSinceMs >= BREAKER_FAILING_MS;
    if (pauseMs === 0 && !isRun && failures < BREAKER_FAILURES) return;
    if (pauseMs > 0 && nowMs < untilMs) return; // a call that began before the pause
    pauseMs = Math.min(Math.max(2 * pauseMs, MIN_BANK_PAUSE_MS), MAX_BANK_PAUSE_MS);
    untilMs = nowMs + pauseMs;
  };
  return {
    isClosed: () => pauseMs === 0 || (monotonicMs() >= untilMs && !isTrying()),
    isOpen: () => pauseMs > 0,
    begin: () => {
      if (pauseMs > 0) tryingSinceMs = monotonicMs();
    },
    end: (wasAnswered) => {
      tryingSinceMs = -Infinity;
      if (wasAnswered) failures = pauseMs = 0;
      else failed();
    },
  };
}
