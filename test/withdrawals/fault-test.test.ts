import { expect, test } from "vitest";
import { wrongIn } from "./books.ts";
import { judge } from "./fault-test.ts";
import type { Merchant } from "./people.ts";
import type { Played } from "./play-fault.ts";

// Each check is shown something that is wrong, so that it is known to find it.

const merchant: Merchant = { id: "1", username: "golestan", token: async () => "" };
const paid = playedAs("STATE_SUCCEEDED");
const before = booksOf("100.00", { utilized: "5.00" });

test.each([
  ["STATE_SUCCEEDED", { payments: 1, submits: 1, isRepeated: true }, []],
  ["STATE_FAILED", { payments: 0, submits: 0, isRepeated: true }, []],
  ["STATE_SUCCEEDED", { payments: 2, submits: 2, isRepeated: true }, ["once", "sent"]],
  ["STATE_SUCCEEDED", { payments: 1, submits: 2, isRepeated: true }, ["sent"]],
  ["STATE_SUCCEEDED", { payments: 0, submits: 0, isRepeated: true }, ["once"]],
  ["STATE_FAILED", { payments: 1, submits: 1, isRepeated: true }, ["once", "sent"]],
  ["STATE_SUCCEEDED", { payments: 1, submits: 1, isRepeated: false }, ["repeated"]],
])("of %s with %j it is noted: %j", (state, witness, wanted) => {
  const found: string[] = [];
  judge(playedAs(state), witness, (sentence) => found.push(sentence));
  expect(found).toEqual(wanted);
});

test("books that are lower by what was paid are right", () => {
  expect(wrongIn(before, booksOf("99.00", { utilized: "6.00" }), [paid])).toEqual([]);
  const unpaid = playedAs("STATE_FAILED");
  expect(wrongIn(before, booksOf("100.00", { utilized: "5.00" }), [unpaid])).toEqual([]);
});

test.each([
  [booksOf("100.00", { utilized: "6.00" }), "the pool has 100.00, not 99.00"],
  [booksOf("99.00", { utilized: "6.00" }, "1.00"), "the pool holds 1.00"],
  [
    booksOf("99.00", { utilized: "5.00" }),
    "golestan has used 5.00 and holds 0.00, not 6.00 and 0.00",
  ],
  [
    booksOf("99.00", { utilized: "6.00", held: "1.00" }),
    "golestan has used 6.00 and holds 1.00, not 6.00 and 0.00",
  ],
])("books that are wrong by one unit are found (%#)", (after, wanted) => {
  expect(wrongIn(before, after, [paid])).toEqual([wanted]);
});

function playedAs(state: string): Played {
  const answer = { status: 200, json: {}, isReplay: false };
  return { merchant, key: "key", answer, shown: { id: "1", state } };
}

function booksOf(
  available: string,
  { utilized, held = "0.00" }: { readonly utilized: string; readonly held?: string },
  poolHeld = "0.00",
) {
  const credit = { available: "0.00", held, utilized };
  return { pool: { available, held: poolHeld }, credits: new Map([[merchant, credit]]) };
}
