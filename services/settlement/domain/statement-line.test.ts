import { expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { readStatement } from "./statement-line.ts";

const header = "line_id,direction,reference,amount,asset,booked_at";
const day = "2026-01-31";
const read = (lines: string) => [...readStatement(`${header}\n${lines}`, day)];
const good = "L1,out,abc,100.00,IRR,2026-01-31T10:00:00Z";

test("lines are read with their amounts in minor units and their times in UTC", () => {
  const incoming = `L2,in,"rent, January",7.5,IRR,2026-02-01T01:30:00.250+03:30`;
  expect(read(`${good}\r\n${incoming}\r\n`)).toEqual([
    {
      line: 2,
      id: "L1",
      isIncoming: false,
      reference: "abc",
      amountMinor: 10_000n,
      bookedAtMs: Date.UTC(2026, 0, 31, 10),
    },
    {
      line: 3,
      id: "L2",
      isIncoming: true,
      reference: "rent, January",
      amountMinor: 750n,
      bookedAtMs: Date.UTC(2026, 0, 31, 22, 0, 0, 250),
    },
  ]);
});

test("a statement may have no lines", () => {
  expect(read("")).toEqual([]);
});

test.each([
  ["too few fields", "L2,out,abc,1.00,IRR", "5 fields"],
  ["a name with a space", "L 2,out,abc,1.00,IRR,2026-01-31T10:00:00Z", "line_id"],
  ["no name", ",out,abc,1.00,IRR,2026-01-31T10:00:00Z", "line_id"],
  ["another direction", "L2,OUT,abc,1.00,IRR,2026-01-31T10:00:00Z", "direction"],
  ["a control character", "L2,out,a\u0007c,1.00,IRR,2026-01-31T10:00:00Z", "reference"],
  ["half a character", "L2,out,a\uD800,1.00,IRR,2026-01-31T10:00:00Z", "reference"],
  ["a sign", "L2,out,abc,-1.00,IRR,2026-01-31T10:00:00Z", "amount"],
  ["a third decimal", "L2,out,abc,1.001,IRR,2026-01-31T10:00:00Z", "amount"],
  ["nothing", "L2,out,abc,0.00,IRR,2026-01-31T10:00:00Z", "amount"],
  ["another asset", "L2,out,abc,1.00,USDT,2026-01-31T10:00:00Z", "asset"],
  ["another day", "L2,out,abc,1.00,IRR,2026-02-01T00:00:00Z", "booked_at"],
  ["no zone", "L2,out,abc,1.00,IRR,2026-01-31T10:00:00", "booked_at"],
  ["a quote that does not end", 'L2,out,"abc,1.00,IRR,2026-01-31T10:00:00Z', "quote"],
])("%s is refused by its line", (_, line, problem) => {
  const error = failureOf(() => read(`${good}\n${line}\n`));
  expect(reasonOf(error)).toBe("INVALID_STATEMENT");
  expect(String(error)).toContain("Line 3");
  expect(String(error)).toContain(problem);
});

test("a text without the header is no statement, nor is one of no day", () => {
  expect(reasonOf(failureOf(() => [...readStatement(good, day)]))).toBe("INVALID_STATEMENT");
  for (const none of ["2026-02-30", "2026-13-01"]) {
    const ofNoDay = () => [...readStatement(`${header}\n`, none)];
    expect(reasonOf(failureOf(ofNoDay))).toBe("INVALID_STATEMENT");
  }
});

function failureOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was refused");
}
