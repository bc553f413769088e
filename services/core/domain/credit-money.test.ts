import { describe, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { fromMoney, fromPositiveMoney, toMoney } from "./credit-money.ts";

const reason = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return reasonOf(error);
  }
};

describe("fromMoney()", () => {
  test.each([
    ["0", 0n],
    ["1.5", 150n],
    ["1000000000000", 100_000_000_000_000n],
  ])("%s rials are %d minor units", (amount, minor) => {
    expect(fromMoney({ asset: "IRR", amount })).toBe(minor);
  });

  test.each([
    ["ASSET_NOT_ACCEPTED", { asset: "USDT", amount: "1" }],
    ["INVALID_AMOUNT", { asset: "IRR", amount: "-1" }],
    ["INVALID_AMOUNT", { asset: "IRR", amount: "1.001" }],
    ["INVALID_AMOUNT", { asset: "IRR", amount: "" }],
    ["AMOUNT_TOO_LARGE", { asset: "IRR", amount: "1000000000000.01" }],
  ])("%s is thrown for %j", (expected, money) => {
    expect(reason(() => fromMoney(money))).toBe(expected);
  });
});

test("L15 an amount that has to be more than zero is not zero", () => {
  expect(fromPositiveMoney({ asset: "IRR", amount: "0.01" })).toBe(1n);
  expect(reason(() => fromPositiveMoney({ asset: "IRR", amount: "0.00" }))).toBe("INVALID_AMOUNT");
});

test("what was read is written the same way", () => {
  expect(toMoney(fromMoney({ asset: "IRR", amount: "12.30" }))).toEqual({
    asset: "IRR",
    amount: "12.30",
  });
});
