import { expect, test } from "vitest";
import { rateOf } from "./rate.ts";

function clock() {
  let nowMs = 0;
  return { monotonicMs: () => nowMs, moveMs: (ms: number) => void (nowMs += ms) };
}

test("a caller may come so often at once, and then so often a second", () => {
  const time = clock();
  const rate = rateOf({ perSecond: 10, burst: 3 }, 100, time);
  expect([rate("a"), rate("a"), rate("a"), rate("a")]).toEqual([0, 0, 0, 100]);
  time.moveMs(99);
  expect(rate("a")).toBe(1);
  time.moveMs(1);
  expect([rate("a"), rate("a")]).toEqual([0, 100]);
  time.moveMs(10_000);
  expect([rate("a"), rate("a"), rate("a"), rate("a")]).toEqual([0, 0, 0, 100]);
});

test("callers don't count for each other", () => {
  const rate = rateOf({ perSecond: 1, burst: 1 }, 100, clock());
  expect([rate("a"), rate("b"), rate("a")]).toEqual([0, 0, 1000]);
});

test("S17 what came longest ago is forgotten first, so that memory is bounded", () => {
  const rate = rateOf({ perSecond: 1, burst: 1 }, 2, clock());
  expect([rate("a"), rate("b"), rate("c")]).toEqual([0, 0, 0]);
  expect([rate("b"), rate("a")]).toEqual([1000, 0]);
});
