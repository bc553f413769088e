import fc from "fast-check";
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

const bounds = fc
  .record({ usualMs: fc.integer({ min: 5, max: 300 }), moreMs: fc.nat({ max: 1000 }) })
  .map(({ usualMs, moreMs }) => ({ usualMs, mostMs: usualMs + moreMs }));

test("sleeps grow from the usual one to the longest and no further while there is nothing", async () => {
  await fc.assert(
    fc.asyncProperty(bounds, async ({ usualMs, mostMs }) => {
      const slept = await sleeps(createWaker(usualMs, mostMs), 120);
      expect(slept[0]).toBe(usualMs);
      expect(slept.at(-1)).toBe(mostMs);
      expect(slept).toEqual(slept.toSorted((one, other) => one - other));
    }),
    { numRuns: 20 },
  );
});

test("a poke ends a sleep at once, however long, and the next ones are as usual", async () => {
  await fc.assert(
    fc.asyncProperty(bounds, fc.nat({ max: 100 }), async ({ usualMs, mostMs }, times) => {
      const waker = createWaker(usualMs, mostMs);
      await sleeps(waker, times);
      const slept = waker.wait();
      waker.poke();
      await slept;
      expect(vi.getTimerCount()).toBe(0);
      expect(await sleepMs(waker)).toBe(usualMs);
    }),
    { numRuns: 20 },
  );
});

test("what is found ends the growth, and a long sleep under way once it was a usual one", async () => {
  const cases = fc.record({
    times: fc.nat({ max: 100 }),
    part: fc.double({ min: 0, max: 0.99, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(bounds, cases, async ({ usualMs, mostMs }, { times, part }) => {
      const waker = createWaker(usualMs, mostMs);
      const lastMs = (await sleeps(waker, times)).at(-1) ?? usualMs;
      const stirredMs = Math.floor(lastMs * part);
      const startMs = Date.now();
      const slept = waker.wait();
      await vi.advanceTimersByTimeAsync(stirredMs);
      waker.stir();
      waker.stir();
      await vi.advanceTimersToNextTimerAsync();
      await slept;
      expect(Date.now() - startMs).toBe(Math.max(stirredMs, usualMs));
      expect(await sleepMs(waker)).toBe(usualMs);
      await sleeps(waker, 10);
      waker.stir();
      expect(await sleepMs(waker)).toBe(usualMs);
    }),
    { numRuns: 20 },
  );
});

async function sleeps(waker: { wait: () => Promise<void> }, times: number): Promise<number[]> {
  const slept: number[] = [];
  for (let count = 0; count < times; count += 1) slept.push(await sleepMs(waker));
  return slept;
}

async function sleepMs(waker: { wait: () => Promise<void> }): Promise<number> {
  const startMs = Date.now();
  const slept = waker.wait();
  await vi.advanceTimersToNextTimerAsync();
  await slept;
  return Date.now() - startMs;
}
