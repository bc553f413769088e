import { expect, test } from "vitest";
import { verdictOf } from "./verdict.ts";

test("the verdict counts, and shows the first violations of what failed", () => {
  const seven = Array.from({ length: 7 }, (_, index) => `violation ${index}`);
  const { text, failed } = verdictOf(
    new Map([
      ["it holds", []],
      ["it does not", seven],
    ]),
  );
  expect(failed).toBe(1);
  expect(text.split("\n")).toEqual([
    "passed  it holds",
    "FAILED  it does not",
    ...seven.slice(0, 5).map((line) => `          ${line}`),
    "          and 2 more",
    "1 passed, 1 failed, 0 skipped",
  ]);
});
