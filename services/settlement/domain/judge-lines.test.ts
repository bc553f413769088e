import fc from "fast-check";
import { expect, test } from "vitest";
import { type JudgedLine, judgeLines } from "./judge-lines.ts";
import { naiveStatement } from "./naive-statement.ts";

const paid = { amountMinor: 25_000n, isPaid: true, isReturned: false };
const out = (id: string, amountMinor: bigint): JudgedLine => ({
  id,
  amountMinor,
  isIncoming: false,
});
const back = (id: string, amountMinor: bigint): JudgedLine => ({
  id,
  amountMinor,
  isIncoming: true,
});

test.each([
  ["the line of the right amount is the payment", [out("1", 25_000n)], ["MATCHED"], true],
  ["another amount differs", [out("1", 20_500n)], ["AMOUNT_DIFFERS"], false],
  [
    "a second line of the same amount is too much",
    [out("1", 25_000n), out("2", 25_000n)],
    ["MATCHED", "EXTRA"],
    false,
  ],
  [
    "the right amount comes before the smaller id",
    [out("1", 20_500n), out("2", 25_000n)],
    ["EXTRA", "MATCHED"],
    false,
  ],
  [
    "a correction explains what differed",
    [out("1", 20_500n), out("2", 4500n)],
    ["AMOUNT_DIFFERS", "EXTRA"],
    true,
  ],
  [
    "what was paid twice and came back once is explained",
    [out("1", 25_000n), out("2", 25_000n), back("3", 25_000n)],
    ["MATCHED", "EXTRA", "EXTRA"],
    true,
  ],
])("%s", (_, lines, buckets, isExplained) => {
  const judged = judgeLines(paid, lines);
  expect(lines.map(({ id }) => judged.buckets.get(id))).toEqual(buckets);
  expect(judged).toMatchObject({ isExplained, isShown: true });
});

test("the return of a payout that was sent back is no surprise", () => {
  const returned = { ...paid, isReturned: true };
  const judged = judgeLines(returned, [out("1", 25_000n), back("2", 25_000n)]);
  expect([...judged.buckets.values()]).toEqual(["MATCHED", "MATCHED"]);
  expect(judged).toMatchObject({ isExplained: true, isBookable: true });
});

test("a line for what we have not paid is too much, and nothing is booked for it", () => {
  const judged = judgeLines({ ...paid, isPaid: false }, [out("1", 25_000n)]);
  expect([...judged.buckets.values()]).toEqual(["EXTRA"]);
  expect(judged).toMatchObject({ isExplained: false, isShown: false, isBookable: false });
});

test("nothing is shown or booked by what came in alone", () => {
  expect(judgeLines(paid, [back("1", 25_000n)])).toMatchObject({
    isShown: false,
    isBookable: false,
  });
  expect(judgeLines(paid, [])).toMatchObject({ isExplained: false, isBookable: false });
});

test("the order of the lines changes nothing, and the naive comparison says the same", () => {
  const line = fc.record({
    id: fc.constantFrom("a", "b", "c", "d", "e"),
    isIncoming: fc.boolean(),
    amountMinor: fc.constantFrom(5n, 10n, 15n),
  });
  const lines = fc.uniqueArray(line, { selector: ({ id }) => id, maxLength: 5 });
  const state = fc.record({
    amountMinor: fc.constantFrom(5n, 10n, 15n, 20n),
    isPaid: fc.boolean(),
    isReturned: fc.boolean(),
  });
  fc.assert(
    fc.property(state, lines, (payout, given) => {
      const judged = judgeLines(payout, given);
      expect(judgeLines(payout, given.toReversed())).toEqual(judged);
      const star = judged.isExplained ? "*" : "";
      const words = [...judged.buckets].map(([id, bucket]) => {
        return bucket === "MATCHED" ? `MATCHED ${id}` : `${bucket} ${id}${star}`;
      });
      if (payout.isPaid && !judged.isShown) words.push("MISSING x");
      if (judged.isBookable) words.push("BOOKED x");
      const stated = given.map((one) => ({ ...one, line: 0, reference: "x", bookedAtMs: 0 }));
      const naive = naiveStatement([{ ...payout, reference: "x" }], stated);
      expect(words.toSorted()).toEqual(naive);
    }),
    { numRuns: 2000 },
  );
});
