import { expect, test } from "vitest";
import { idleOutcome, movingReceipt } from "./receipt.ts";

test("the first receipt that names an end is the one that moves a message", () => {
  expect(movingReceipt("SENT", ["SENT", "DELIVERED", "FAILED"])).toBe(1);
  expect(movingReceipt("SENDING", ["UNDELIVERED"])).toBe(0);
});

test("DLR-5 nothing moves a message that has ended, nor does the news that it was sent", () => {
  expect(movingReceipt("FAILED", ["DELIVERED"])).toBeUndefined();
  expect(movingReceipt("SENT", ["SENT"])).toBeUndefined();
});

test.each([
  ["DELIVERED", "DELIVERED", "DUPLICATE"],
  ["DELIVERED", "FAILED", "LATE"],
  ["FAILED", "EXPIRED", "LATE"],
  ["SENT", "DELIVERED", "APPLIED"],
  ["DELIVERED", "UNCERTAIN", undefined],
] as const)("the receipt %s of a message that is %s is %s", (receipt, state, outcome) => {
  expect(idleOutcome(receipt, state)).toBe(outcome);
});
