import fc from "fast-check";
import { expect, test } from "vitest";
import { IdIndex } from "./id-index.ts";
import { Rows } from "./rows.ts";
import { validateIndex, validateRows } from "./validate-tables.ts";

/** Few values, so that ids often share a cell and rows are deleted from the midst of a run. */
const id = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(1), fc.nat(7));
const step = fc.record({ id, isAdded: fc.boolean() });

test("rows are found by their ids like the values of a map", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const rows = new Rows(6);
      const index = new IdIndex(rows, 2);
      const map = new Map<string, number>();
      for (const { id: words, isAdded } of steps) {
        const known = map.get(words.join()) ?? 0;
        expect(index.find(Int32Array.from([9, ...words]), 1)).toBe(known);
        if (isAdded && known === 0) {
          const row = rows.take();
          rows.words.set(words, row + 2);
          index.add(row);
          map.set(words.join(), row);
        } else if (!isAdded && known !== 0) {
          index.delete(known);
          rows.give(known);
          map.delete(words.join());
        }
      }
      validateIndex(index, map.size);
      validateRows(rows, map.size);
    }),
    { numRuns: 200 },
  );
});

test("rows keep what is in them when there are more than the first block has", () => {
  const rows = new Rows(2, 4);
  const taken = Array.from({ length: 1000 }, (_, n) => {
    const row = rows.take();
    rows.reals[row / 2] = n;
    return row;
  });
  expect(new Set(taken).size).toBe(1000);
  expect(taken.every((row, n) => rows.reals[row / 2] === n)).toBe(true);
  expect(taken).not.toContain(0);
});
