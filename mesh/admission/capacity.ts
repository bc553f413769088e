import type { Clock } from "../clock.ts";
import { CAPACITY_WINDOW, CONCURRENT_CALLS, EVENT_LOOP_WINDOW_MS } from "../limits.ts";

/** How many calls this process can run at the same time, as far as their durations tell. */
export type Capacity = {
  readonly limit: () => number;
  /** Learns from a call that ended, and from how many ran beside it. */
  readonly learn: (call: LearnedCall, running: number) => void;
};

/** A call that the capacity is estimated by. */
export type LearnedCall = {
  readonly method: string;
  readonly tookMs: number;
  /** Shorter durations are all the same for the method: waiting for a batch is no overload. */
  readonly noticeableMs: number;
};

/** What the capacity is estimated with; a test has its own clock. */
export type CapacityOptions = {
  readonly clock: Pick<Clock, "monotonicMs">;
  /** Whether another sign tells of overload, such as a late event loop. */
  readonly isPressed?: (() => boolean) | undefined;
};

/**
 * Estimates the capacity by the gradient of durations: while calls take as long as they usually do,
 * it grows by its root; when they take longer, it shrinks in proportion. Each method is compared
 * with itself alone, so that slow methods don't look like overload.
 */
export function createCapacity({ clock, isPressed = () => false }: CapacityOptions): Capacity {
  const methods = new Map<string, Durations>();
  let limit: number = CONCURRENT_CALLS.start;
  let window = { startMs: clock.monotonicMs(), calls: 0, peak: 0 };
  let heededMs = -Infinity; // when a sign of overload had its effect last
  const close = (nowMs: number) => {
    const gradient = gradientOf(methods);
    const isFull = window.peak >= Math.floor(limit); // there were calls for more
    const growth = Math.sqrt(limit) * (isFull ? rushed : 1);
    const next = limit * gradient + growth;
    if (isPressed()) {
      // A sign stands for a while, and is heeded once in that time, or one stall would cost all.
      // It tells of the process, which others may keep from working: few calls are not to blame.
      if (nowMs - heededMs >= EVENT_LOOP_WINDOW_MS) {
        limit = Math.min(limit, Math.max(limit * pressedGradient, CONCURRENT_CALLS.start));
        heededMs = nowMs;
      }
    } else if (gradient < 1) limit = (limit + Math.min(next, limit)) / 2;
    else if (window.peak * 2 >= limit) limit = next; // what is not used tells nothing
    limit = Math.min(Math.max(limit, CONCURRENT_CALLS.min), CONCURRENT_CALLS.max);
    window = { startMs: nowMs, calls: 0, peak: 0 };
  };
  return {
    limit: () => limit,
    learn: ({ method, tookMs, noticeableMs }, running) => {
      let known = methods.get(method);
      if (known === undefined) {
        methods.set(method, (known = { noticeableMs, usualMs: 0, sumMs: 0, calls: 0 }));
      }
      known.sumMs += tookMs;
      known.calls += 1;
      window.calls += 1;
      window.peak = Math.max(window.peak, running);
      const nowMs = clock.monotonicMs();
      const ageMs = nowMs - window.startMs;
      const isFull = window.calls >= CAPACITY_WINDOW.calls && ageMs >= CAPACITY_WINDOW.ms / 10;
      if (isFull || ageMs >= CAPACITY_WINDOW.ms) close(nowMs);
    },
  };
}

/** How long the calls of a method usually take, and how long those of this window took. */
type Durations = {
  readonly noticeableMs: number;
  usualMs: number;
  sumMs: number;
  calls: number;
};

/** 1 when the calls of the window took as long as usual, down to a half when they took longer. */
function gradientOf(methods: ReadonlyMap<string, Durations>): number {
  let calls = 0;
  let times = 0;
  for (const durations of methods.values()) {
    if (durations.calls === 0) continue;
    const tookMs = Math.max(durations.sumMs / durations.calls, durations.noticeableMs);
    const usualMs = durations.usualMs === 0 ? tookMs : durations.usualMs;
    calls += durations.calls;
    times += (durations.calls * tookMs) / usualMs;
    durations.usualMs = usualMs + (tookMs - usualMs) * (tookMs < usualMs ? 0.5 : slowDrift);
    durations.sumMs = 0;
    durations.calls = 0;
  }
  return calls === 0 ? 1 : Math.min(1, Math.max(0.5, (tolerance * calls) / times));
}

/** How much faster the capacity grows while all of it is in use. */
const rushed = 3;
/** Calls may take so many times as long as usual before the capacity shrinks. */
const tolerance = 2;
/** How much of a longer duration becomes usual with each window: a part in minutes. */
const slowDrift = 0.0005;
const pressedGradient = 0.8;
