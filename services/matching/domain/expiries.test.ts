import fc from "fast-check";
import { expect, test } from "vitest";
import { EXPIRE_MS, EXTRA_WORDS } from "./extras.ts";
import { Expiries } from "./expiries.ts";
import { EXTRA, ORDER_WORDS } from "./orders.ts";
import { Rows } from "./rows.ts";

const step = fc.record({ expireMs: fc.nat(20), removed: fc.nat(2000) });

test("orders end by time and then by arrival, whatever was taken out in between", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const orders = new Rows(ORDER_WORDS);
      const extras = new Rows(EXTRA_WORDS);
      const expiries = new Expiries(orders, extras);
      const list: { order: number; expireMs: number; arrival: number }[] = [];
      for (const [arrival, { expireMs, removed }] of steps.entries()) {
        if (removed < 500 && list.length > 0) {
          expiries.remove(list.splice(removed % list.length, 1)[0]!.order);
          continue;
        }
        const order = orders.take();
        const extra = extras.take();
        orders.words[order + EXTRA] = extra;
        extras.reals[extra / 2 + EXPIRE_MS] = expireMs;
        expiries.add(order);
        list.push({ order, expireMs, arrival });
      }
      expiries.validate();
      list.sort((one, two) => one.expireMs - two.expireMs || one.arrival - two.arrival);
      for (const { order, expireMs } of list) {
        expect([expiries.first, expiries.nextMs]).toEqual([order, expireMs]);
        expiries.remove(order);
      }
      expect([expiries.first, expiries.nextMs]).toEqual([0, Infinity]);
    }),
    { numRuns: 200 },
  );
});
