import { expect, test } from "vitest";
import { createTokens } from "./tokens.ts";

/** A clock that stands still unless somebody sleeps; it notes when each taker was let go. */
function frozen() {
  return { monotonicMs: () => 0 };
}

test("LANE-3 no window of a second has more than the rate, a burst and the last call", async () => {
  const tokens = createTokens(() => 500, 100);
  expect(tokens.most).toBe(50);
  const goneMs: number[] = [];
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      await tokens.take(10);
      goneMs.push(performance.now());
    }),
  );
  const [first, last] = [goneMs[0]!, goneMs.at(-1)!];
  expect(goneMs).toEqual(goneMs.toSorted((left, right) => left - right));
  expect(last - first).toBeGreaterThanOrEqual((1000 * (200 - 50 - 10)) / 500 - 20);
});

test("what was not used in a moment is lost, but for a burst", async () => {
  const clock = { nowMs: 0 };
  const tokens = createTokens(() => 1000, 100, { monotonicMs: () => clock.nowMs });
  clock.nowMs = 3_600_000;
  await tokens.take(100); // the burst
  const startMs = performance.now();
  await tokens.take(30);
  await tokens.take(1); // waits for the 30 before it
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(25);
});

test("a rate that is lower than one a burst lets single segments through", () => {
  expect(createTokens(() => 1, 100, frozen()).most).toBe(1);
});
