import { expect, test } from "vitest";
import { parseFourEyes } from "./four-eyes.ts";

test.each([
  ["IRR=1000000000.00", 100_000_000_000n],
  ["IRR=0", 0n],
  ["IRR=5.5", 550n],
])("%s is a limit of %d minor units", (text, minor) => {
  expect(parseFourEyes(text)).toBe(minor);
});

test.each([
  "",
  "1000",
  "IRR=",
  "IRR=-1",
  "IRR=01",
  "IRR=1.001",
  "USDT=5",
  "IRR=1 USDT=2",
  "IRR=1e9",
])("%j is no limit", (text) => {
  expect(() => parseFourEyes(text)).toThrow("must be like IRR=1000000000.00");
});
