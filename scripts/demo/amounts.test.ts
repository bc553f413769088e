import { expect, test } from "vitest";
import { withCommas } from "./amounts.ts";

test.each([
  ["0.00", "0.00"],
  ["999.50", "999.50"],
  ["1000", "1,000"],
  ["1234567.890123", "1,234,567.890123"],
])("%s reads %s", (amount, text) => {
  expect(withCommas(amount)).toBe(text);
});
