import { type Clock, systemClock } from "#mesh/clock.ts";
import { BREAKER_FAILURES, BREAKER_FAILING_MS, BREAKER_PAUSE_MS } from "#mesh/limits.ts";
import type { Lane } from "../domain/message.ts";
import type { Outcome } from "../providers/provider.ts";

/** Keeps a worker from going through its lane while the provider takes nothing (ROUTE-3). */
export type Breaker = {
  /**
   * How long to wait before calls may be made, in milliseconds; 0 lets the caller make some. After
   * a pause it lets one caller through, and the others when that one has told how it went.
   */
  readonly begin: () => number;
  /** Hears how a call went that was let through; without outcomes there was no call. */
  readonly end: (outcomes: readonly Outcome[]) => void;
  /** Whether calls pause. */
  readonly isOpen: () => boolean;
};

/** Makes a breaker that is closed. That of express never pauses for long (LANE-1). */
export function createBreaker(
  lane: Lane,
  { monotonicMs }: Pick<Clock, "monotonicMs"> = systemClock,
): Breaker {
  const { first: firstMs, most } = BREAKER_PAUSE_MS;
  let failures = 0;
  let failingSinceMs = 0;
  let pauseMs = 0; // 0 is closed
  let untilMs = 0;
  let isProbing = false;
  const begin = () => {
    if (pauseMs === 0) return 0;
    const leftMs = untilMs - monotonicMs();
    if (leftMs > 0 || isProbing) return Math.max(leftMs, firstMs);
    isProbing = true;
    return 0;
  };
  const open = (nowMs: number) => {
    pauseMs = Math.min(Math.max(2 * pauseMs, firstMs), most[lane]);
    untilMs = nowMs + pauseMs;
  };
  const failed = (isParked: boolean) => {
    const nowMs = monotonicMs();
    if (failures === 0) failingSinceMs = nowMs;
    failures += 1;
    const isRun = failures > 1 && nowMs - failingSinceMs >= BREAKER_FAILING_MS;
    const isEnough = isParked || isRun || failures >= BREAKER_FAILURES;
    if (pauseMs === 0 ? isEnough : isProbing) open(nowMs);
  };
  const end = (outcomes: readonly Outcome[]) => {
    if (tookNothing(outcomes)) failed(outcomes.some(({ kind }) => parked.has(kind)));
    else if (outcomes.length > 0) failures = pauseMs = 0;
    isProbing = false;
  };
  return { begin, end, isOpen: () => pauseMs > 0 };
}

/** Whether a provider took no text of a call for reasons that any other call would meet too. */
export function tookNothing(outcomes: readonly Outcome[]): boolean {
  return outcomes.length > 0 && outcomes.every(({ kind }) => bad.has(kind));
}

/** What counts against a provider: never what is wrong with a text or a request of ours. */
const bad = new Set<Outcome["kind"]>(["BUSY", "PARK", "PARK_NO_CREDIT", "NOT_SENT", "UNKNOWN"]);

const parked = new Set<Outcome["kind"]>(["PARK", "PARK_NO_CREDIT"]);
