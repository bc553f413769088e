import { expect, test } from "vitest";
import { needsTwo, parseFourEyes } from "./four-eyes.ts";

const irr = { ledger: 1, code: "IRR", scale: 2 };
const eth = { ledger: 5, code: "ETH", scale: 18 };

test("S10 what is above the limit of its asset needs two, what is at it does not", () => {
  const limits = parseFourEyes("IRR=1000000000.00 ETH=0.000000000000000001");
  expect(needsTwo(limits, irr, 100_000_000_000n)).toBe(false);
  expect(needsTwo(limits, irr, 100_000_000_001n)).toBe(true);
  expect(needsTwo(limits, eth, 1n)).toBe(false);
  expect(needsTwo(limits, eth, 2n)).toBe(true);
  expect(needsTwo(limits, { ...irr, code: "USDT" }, 10n ** 38n)).toBe(false);
});

test("a limit between two amounts of an asset divides them", () => {
  const limits = parseFourEyes("IRR=0.005,USDT=7");
  expect([0n, 1n].map((minor) => needsTwo(limits, irr, minor))).toEqual([false, true]);
});

test.each(["IRR", "IRR=", "irr=1", "IRR=-1", "IRR=1e3", "IRR=01", "IRR=1 IRR=2", "IRR=1;USDT=2"])(
  "%j is no list of limits",
  (text) => expect(() => parseFourEyes(text)).toThrow("must be like"),
);
