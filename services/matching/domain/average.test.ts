import fc from "fast-check";
import { expect, test } from "vitest";
import { Average } from "./average.ts";

const trade = fc.record({
  afterSeconds: fc.oneof(fc.constant(0), fc.nat(3), fc.integer({ min: 250, max: 700 })),
  price: fc.integer({ min: 1, max: 2 ** 20 }),
  lots: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 2 ** 33 - 1 })),
});

test("the average is exact over the 300 full seconds before, also of sums beyond 2^53", () => {
  fc.assert(
    fc.property(fc.array(trade, { maxLength: 100 }), (trades) => {
      const average = new Average();
      const told: { second: number; price: bigint; lots: bigint }[] = [];
      let second = 1_800_000_000;
      for (const { afterSeconds, price, lots } of trades) {
        second += afterSeconds;
        expect(average.before(second)).toBe(expected(told, second));
        average.add(second, price, lots);
        told.push({ second, price: BigInt(price), lots: BigInt(lots) });
      }
      for (const later of [0, 1, 299, 300, 301]) {
        expect(average.before(second + later)).toBe(expected(told, second + later));
      }
    }),
    { numRuns: 200 },
  );
});

function expected(
  trades: readonly { second: number; price: bigint; lots: bigint }[],
  second: number,
): number {
  const window = trades.filter((one) => one.second < second && one.second >= second - 300);
  const lots = window.reduce((sum, one) => sum + one.lots, 0n);
  const units = window.reduce((sum, one) => sum + one.price * one.lots, 0n);
  return lots === 0n ? 0 : Number(units / lots);
}
