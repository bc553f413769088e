import { expect, test } from "vitest";
import { minorOf } from "./minor-of.ts";

test.each([
  ["1.50", 150n],
  ["0", 0n],
  ["1.505", undefined],
  ["-1", undefined],
  ["NaN", undefined],
  ["", undefined],
])("%s of an asset with two decimals is %s", (text, minor) => {
  expect(minorOf(text, 2)).toBe(minor);
});
