import { expect, test } from "vitest";
import { mayChange } from "./credit-rules.ts";

test.each([
  ["PENDING", true, false],
  ["ACTIVE", false, true],
  ["SUSPENDED", false, true],
  ["REJECTED", false, false],
] as const)("a merchant that is %s can be approved: %s, can get another limit: %s", (...row) => {
  const [state, canBeApproved, canChange] = row;
  expect(mayChange("APPROVE", state)).toBe(canBeApproved);
  expect(mayChange("SET_LIMIT", state)).toBe(canChange);
  expect(mayChange("REPAY", state)).toBe(true);
});
