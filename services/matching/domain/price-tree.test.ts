import fc from "fast-check";
import { expect, test } from "vitest";
import { NODE_WORDS, PriceTree } from "./price-tree.ts";
import { Rows } from "./rows.ts";
import { validateRows } from "./validate-tables.ts";

const highest = 2 ** 31 - 1;

/** Prices close to each other, and such as need all heights of the tree. */
const price = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 240, max: 270 }),
  fc.integer({ min: 65_500, max: 65_600 }),
  fc.integer({ min: 1, max: highest - 1 }),
  fc.constantFrom(1, 255, 256, 65_535, 65_536, 2 ** 24 - 1, 2 ** 24, highest - 1),
);

test("levels are found by price, and the next ones above and below, as in a sorted list", () => {
  fc.assert(
    fc.property(fc.array(price, { maxLength: 150 }), fc.array(price), (changes, asked) => {
      const nodes = new Rows(NODE_WORDS, 2);
      const tree = new PriceTree(nodes);
      const nodeOf = new Map<number, number>();
      for (const at of changes) {
        const node = nodeOf.get(at);
        if (node === undefined) {
          nodeOf.set(at, tree.reach(at));
          tree.add(nodeOf.get(at)!, at, at);
        } else {
          tree.delete(node, at);
          nodeOf.delete(at);
        }
      }
      const sorted = [...nodeOf.keys()].toSorted((one, other) => one - other);
      for (const at of [...asked, ...changes, highest]) {
        expect(tree.find(at)).toBe(nodeOf.has(at) ? at : 0);
        expect(tree.above(at)).toBe(sorted.find((other) => other > at) ?? 0);
        expect(tree.below(at)).toBe(sorted.findLast((other) => other < at) ?? 0);
      }
      expect(tree.above(0)).toBe(sorted[0] ?? 0);
      validateRows(nodes, tree.countNodes());
    }),
    { numRuns: 300 },
  );
});

test("a tree that was emptied keeps no node but its root", () => {
  const nodes = new Rows(NODE_WORDS);
  const tree = new PriceTree(nodes);
  const prices = [5, 300, 70_000, 2 ** 30];
  for (const at of prices) tree.add(tree.reach(at), at, at);
  for (const at of prices) tree.delete(tree.reach(at), at);
  expect(nodes.count).toBe(1);
  expect(tree.above(0)).toBe(0);
});
