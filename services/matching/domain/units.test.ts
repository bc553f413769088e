import fc from "fast-check";
import { expect, test } from "vitest";
import { type Step, fromSteps, toLots, toScales, toStep, toTicks } from "./units.ts";

const step = (decimal: string): Step => toStep(decimal)!;

test.each([
  ["81599", "1", 81_599],
  ["0.030000", "0.000001", 30_000],
  ["0.03", "0.000001", 30_000],
  ["114.00", "0.01", 11_400],
  ["2.5", "0.5", 5],
  ["7500", "2500", 3],
  ["0", "0.01", 0],
])("%s in steps of %s is %d", (price, tick, ticks) => {
  expect(toTicks(price, step(tick))).toBe(ticks);
});

test.each([
  ["0.0300001", "0.000001"],
  ["1.25", "0.5"],
  ["7501", "2500"],
  ["-1", "1"],
  ["1e3", "1"],
  ["01", "1"],
  ["", "1"],
  [" 1", "1"],
  ["1.", "1"],
  ["1".repeat(81), "1"],
])("%j is no whole number of %s and never rounded", (price, tick) => {
  expect(toTicks(price, step(tick))).toBeUndefined();
  expect(toLots(price, step(tick))).toBeUndefined();
});

test("what doesn't fit is the largest that does, which every market refuses by its range", () => {
  expect(toTicks("2147483648", step("1"))).toBe(2 ** 31 - 1);
  expect(toLots("9007199254740993", step("1"))).toBe(2 ** 53 - 1);
});

test("a step is more than nothing", () => {
  expect(toStep("0")).toBeUndefined();
  expect(toStep("0.00")).toBeUndefined();
  expect(toStep("x")).toBeUndefined();
});

test.each([
  { tick: "0.000001", lot: "0.1", base: 6, quote: 8, baseScale: 100_000n, quoteScale: 10n },
  { tick: "0.01", lot: "0.01", base: 8, quote: 8, baseScale: 1_000_000n, quoteScale: 10_000n },
  { tick: "1", lot: "1", base: 0, quote: 0, baseScale: 1n, quoteScale: 1n },
  { tick: "5000", lot: "0.00000001", base: 8, quote: 4, baseScale: 1n, quoteScale: undefined },
  { tick: "5000", lot: "0.0001", base: 18, quote: 0, baseScale: 10n ** 14n, quoteScale: undefined },
  { tick: "5000", lot: "0.001", base: 18, quote: 0, baseScale: 10n ** 15n, quoteScale: 5n },
  { tick: "0.01", lot: "0.001", base: 2, quote: 8, baseScale: undefined, quoteScale: 1000n },
  { tick: "1", lot: "1", base: 18, quote: 0, baseScale: 10n ** 18n, quoteScale: 1n },
  { tick: "1", lot: "10", base: 18, quote: 0, baseScale: undefined, quoteScale: 10n },
  { tick: "1", lot: "1", base: 0, quote: 16, baseScale: 1n, quoteScale: undefined },
])("a market of tick $tick and lot $lot is listed only in whole minor units", (market) => {
  const { baseScale, quoteScale } = market;
  const scales = toScales({
    tick: step(market.tick),
    lot: step(market.lot),
    baseDecimals: market.base,
    quoteDecimals: market.quote,
  });
  const isListed = baseScale !== undefined && quoteScale !== undefined;
  expect(scales).toEqual(isListed ? { baseScale, quoteScale } : undefined);
});

test("a number of steps survives the way over the wire", () => {
  const steps = fc.constantFrom("1", "0.5", "0.00000001", "2500", "0.25", "0.10");
  const counts = fc.integer({ min: 0, max: 2 ** 31 - 2 });
  fc.assert(
    fc.property(steps, counts, (decimal, count) => {
      expect(toTicks(fromSteps(count, step(decimal)), step(decimal))).toBe(count);
    }),
  );
});

test("values are written at the scale of the market", () => {
  expect(fromSteps(30_000, step("0.000001"))).toBe("0.030000");
  expect(fromSteps(3, step("0.10"))).toBe("0.30");
  expect(fromSteps(0, step("0.01"))).toBe("0.00");
  expect(fromSteps(7, step("2500"))).toBe("17500");
});
