import { expect, test } from "vitest";
import { median, quantile, row } from "./report.ts";

test("the median is the middle of the runs, whatever their order", () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2);
});

test("a quantile is a value that was measured", () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([quantile(values, 0.99), quantile(values, 1), quantile([7], 0.5)]).toEqual([99, 100, 7]);
});

test("a row tells its spread and its ratio to the baseline", () => {
  const plain = row("plain", "calls/s", [90, 100, 110]);
  expect(row("ours", "calls/s", [200, 200, 200], plain)).toEqual({
    name: "ours",
    value: 200,
    unit: "calls/s",
    spread: 0,
    runs: 3,
    baseline: "plain",
    ratio: 2,
  });
  expect(plain.spread).toBeCloseTo(0.2);
});
