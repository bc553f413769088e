import { describe, expect, test } from "vitest";
import { CONCURRENT_CALLS, EVENT_LOOP_WINDOW_MS } from "../limits.ts";
import { createCapacity } from "./capacity.ts";

/** Runs as many calls as the limit allows, for some seconds; tells the limit at the end. */
function simulated({
  seconds,
  tookMs,
  isPressed,
  used = 1,
  noticeableMs = 25,
}: Simulation): number {
  let nowMs = 0;
  const capacity = createCapacity({ clock: { monotonicMs: () => nowMs }, isPressed });
  while (nowMs < seconds * 1000) {
    const running = Math.max(1, Math.floor(capacity.limit() * used));
    const durationMs = tookMs(running, nowMs);
    for (let call = 0; call < running; call++) {
      nowMs += durationMs / running;
      capacity.learn({ method: "method", tookMs: durationMs, noticeableMs }, running);
    }
  }
  return capacity.limit();
}

type Simulation = {
  seconds: number;
  tookMs: (running: number, nowMs: number) => number;
  isPressed?: () => boolean;
  used?: number;
  noticeableMs?: number;
};

describe("the capacity", () => {
  test("starts small and grows to the most while calls take no longer", () => {
    expect(createCapacity({ clock: { monotonicMs: () => 0 } }).limit()).toBe(
      CONCURRENT_CALLS.start,
    );
    expect(simulated({ seconds: 10, tookMs: () => 10 })).toBe(CONCURRENT_CALLS.max);
  });

  test("does not grow while it is not used", () => {
    expect(simulated({ seconds: 10, tookMs: () => 10, used: 0.3 })).toBe(CONCURRENT_CALLS.start);
  });

  test("settles where calls begin to take longer", () => {
    const limit = simulated({
      seconds: 30,
      tookMs: (running) => 50 * Math.max(1, running / 50),
    });
    expect(limit).toBeGreaterThan(40);
    expect(limit).toBeLessThan(200);
  });

  test("shrinks when calls begin to take longer, and grows again when they don't", () => {
    const slowFrom = (fromMs: number, toMs: number) => (_running: number, nowMs: number) =>
      nowMs >= fromMs && nowMs < toMs ? 1000 : 10;
    const before = simulated({ seconds: 5, tookMs: () => 10 });
    const during = simulated({ seconds: 12, tookMs: slowFrom(5000, 60_000) });
    const after = simulated({ seconds: 22, tookMs: slowFrom(5000, 12_000) });
    expect(during).toBeLessThan(before / 4);
    expect(after).toBe(before);
  });

  test("shrinks at another sign of overload, and no further than where it began", () => {
    let isPressed = false;
    const limits: number[] = [];
    for (const seconds of [30, 60]) {
      limits.push(
        simulated({
          seconds,
          tookMs: (_, nowMs) => {
            isPressed = nowMs > 30_000;
            return 10;
          },
          isPressed: () => isPressed,
        }),
      );
    }
    expect(limits).toEqual([CONCURRENT_CALLS.max, CONCURRENT_CALLS.start]);
  });

  test("bears that calls wait for a batch, as long as it is short for them", () => {
    const waiting = (running: number) => 10 + running / 2;
    const limitOf = (noticeableMs: number) =>
      simulated({ seconds: 30, tookMs: waiting, noticeableMs });
    expect(limitOf(25)).toBeLessThan(CONCURRENT_CALLS.max / 2);
    expect(limitOf(200)).toBe(CONCURRENT_CALLS.max);
  });

  test("shrinks once for a stall of the event loop, however long the sign stands", () => {
    const stalled = { fromMs: 20_000, untilMs: 20_000 + EVENT_LOOP_WINDOW_MS };
    let nowMs = 0;
    const capacity = createCapacity({
      clock: { monotonicMs: () => nowMs },
      isPressed: () => nowMs >= stalled.fromMs && nowMs < stalled.untilMs,
    });
    let least: number = CONCURRENT_CALLS.max;
    for (; nowMs < 25_000; nowMs += 1) {
      capacity.learn({ method: "method", tookMs: 10, noticeableMs: 25 }, 500);
      if (nowMs > stalled.fromMs) least = Math.min(least, capacity.limit());
    }
    expect(least).toBeCloseTo(0.8 * CONCURRENT_CALLS.max);
    expect(capacity.limit()).toBe(CONCURRENT_CALLS.max);
  });

  test("is the same for slow methods: each is compared with itself", () => {
    let nowMs = 0;
    const capacity = createCapacity({ clock: { monotonicMs: () => nowMs } });
    for (let call = 0; call < 20_000; call++) {
      nowMs += 1;
      const isSlow = call % 3000 > 2000; // for a while nothing but slow calls come
      const method = isSlow ? "Login" : "GetBalance";
      const tookMs = isSlow ? 180 : 30;
      capacity.learn({ method, tookMs, noticeableMs: 25 }, 500);
    }
    expect(capacity.limit()).toBe(CONCURRENT_CALLS.max);
  });
});
