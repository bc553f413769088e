import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createWaker } from "./waker.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("sleeps for the usual time when nobody wakes it", async () => {
  expect(await sleepMs(createWaker(100))).toBe(100);
});

test("is woken at once, and kept from its next sleep by what came before it", async () => {
  const waker = createWaker(100);
  waker.poke();
  await waker.wait();
  const slept = waker.wait();
  waker.poke();
  await slept;
  expect(vi.getTimerCount()).toBe(0);
});

test("O4: looks in growing steps for what is told of and yet to come", async () => {
  const waker = createWaker(10);
  waker.soon();
  const slept: number[] = [];
  for (let times = 0; times < 5; times += 1) slept.push(await sleepMs(waker));
  expect(slept).toEqual([2, 4, 8, 10, 10]);
});

test("O4: looks sooner when it is told of something in its sleep, once for all that follows", async () => {
  const waker = createWaker(100);
  const startMs = Date.now();
  const slept = waker.wait();
  await vi.advanceTimersByTimeAsync(50);
  waker.soon();
  await vi.advanceTimersByTimeAsync(1);
  waker.soon();
  await vi.advanceTimersToNextTimerAsync();
  await slept;
  expect(Date.now() - startMs).toBe(52);
});

async function sleepMs(waker: { wait: () => Promise<void> }): Promise<number> {
  const startMs = Date.now();
  const slept = waker.wait();
  await vi.advanceTimersToNextTimerAsync();
  await slept;
  return Date.now() - startMs;
}
