import fc from "fast-check";
import { expect, test } from "vitest";
import { BookSide, NO_ASK, NO_BID } from "./book-side.ts";
import { EXTRA_WORDS } from "./extras.ts";
import { REMAINING } from "./facts.ts";
import { HEAD, LEVEL_LOTS, LEVEL_ORDERS, LEVEL_PRICE, LEVEL_WORDS } from "./levels.ts";
import { NEXT, ORDER_WORDS } from "./orders.ts";
import { NODE_WORDS } from "./price-tree.ts";
import { Rows } from "./rows.ts";

const step = fc.record({ price: fc.integer({ min: 1, max: 600 }), removed: fc.nat(1000) });

test.for([true, false])("orders are in priority as in plain lists, bids: %s", (isBids) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const tables = {
        orders: new Rows(ORDER_WORDS),
        extras: new Rows(EXTRA_WORDS),
        levels: new Rows(LEVEL_WORDS),
        nodes: new Rows(NODE_WORDS),
      };
      const side = new BookSide(tables, isBids);
      const list: { order: number; price: number; lots: number }[] = [];
      for (const [n, { price, removed }] of steps.entries()) {
        if (removed < 400 && list.length > 0) {
          const [gone] = list.splice(removed % list.length, 1);
          side.remove(gone!.order);
          continue;
        }
        const order = tables.orders.take();
        tables.orders.words.fill(0, order, order + ORDER_WORDS);
        tables.orders.reals[order / 2 + REMAINING] = n + 1;
        side.append(order, price);
        list.push({ order, price, lots: n + 1 });
      }
      const prices = [...new Set(list.map(({ price }) => price))];
      prices.sort((one, other) => (isBids ? other - one : one - other));
      const expected = prices.map((price) => list.filter((one) => one.price === price));
      expect(read(side, tables)).toEqual(
        expected.map((orders) => ({
          price: orders[0]!.price,
          lots: orders.reduce((sum, { lots }) => sum + lots, 0),
          count: orders.length,
          orders: orders.map(({ order }) => order),
        })),
      );
      expect(side.bestPrice).toBe(prices[0] ?? (isBids ? NO_BID : NO_ASK));
    }),
    { numRuns: 150 },
  );
});

function read(side: BookSide, { orders, levels }: { orders: Rows; levels: Rows }) {
  const found = [];
  for (let level = side.best; level !== 0;) {
    const price = levels.words[level + LEVEL_PRICE]!;
    const chain = [];
    for (let at = levels.words[level + HEAD]!; at !== 0; at = orders.words[at + NEXT]!)
      chain.push(at);
    const count = levels.words[level + LEVEL_ORDERS]!;
    found.push({ price, lots: levels.reals[level / 2 + LEVEL_LOTS]!, count, orders: chain });
    level = side.behind(price);
  }
  return found;
}
