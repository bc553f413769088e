import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_AMOUNT } from "#mesh/money.ts";
import { numbersOf, widesOf } from "./columns.ts";
import { add, copy, grownWides, isMore, isSame, setValue, subtract, valueOf } from "./wide.ts";

/** Amounts of all lengths, those at the ends of the parts among them. */
const amount = fc.oneof(
  fc.bigInt({ min: 0n, max: MAX_AMOUNT }),
  fc.nat(39).map((digits) => 10n ** BigInt(digits)),
  fc.nat(39).map((digits) => 10n ** BigInt(digits) - 1n),
);
const signed = fc.tuple(amount, fc.boolean()).map(([value, isLess]) => (isLess ? -value : value));

test("amounts are read, added, taken away and compared as bigints are", () => {
  const pairs = fc.array(fc.tuple(signed, signed), { minLength: 1, maxLength: 20 });
  const property = fc.property(pairs, (list) => {
    const one = widesOf(list.map(([left]) => left).join(), list.length);
    const other = widesOf(list.map(([, right]) => right).join(), list.length);
    for (const [at, [left, right]] of list.entries()) {
      expect(valueOf(one, at)).toBe(left);
      expect(isMore(one, at, other, at)).toBe(left > right);
      expect(isSame(one, at, other, at)).toBe(left === right);
      add(one, at, other, at);
      expect(valueOf(one, at)).toBe(left + right);
      subtract(one, at, other, at);
      subtract(one, at, other, at);
      expect(valueOf(one, at)).toBe(left - right);
      setValue(other, 0, left - right); // of one value there is one form
      expect(isSame(one, at, other, 0)).toBe(true);
      copy(other, 0, one, at);
      expect(valueOf(other, 0)).toBe(left - right);
      setValue(other, 0, list[0]![1]);
    }
  });
  fc.assert(property, { numRuns: 2000 });
});

test("what is no number equals nothing", () => {
  const column = widesOf("5,NaN,7", 3);
  expect(valueOf(column, 0)).toBe(5n);
  expect(valueOf(column, 1)).toBeUndefined();
  expect(isSame(column, 1, column, 1)).toBe(false);
  expect(valueOf(grownWides(column, 9), 2)).toBe(7n);
});

test("whole numbers are read, and nothing is 0", () => {
  const numbers = numbersOf("1790000000000000,,-12,7", 4);
  expect([...numbers]).toEqual([1_790_000_000_000_000, 0, -12, 7]);
});
