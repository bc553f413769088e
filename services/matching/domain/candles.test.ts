import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Candle,
  type CandleTrade,
  countBetween,
  flatAfter,
  INTERVALS,
  join,
  joinCandles,
  nextOpenMs,
  openMsOf,
  toSeconds,
} from "./candles.ts";

const at = (text: string) => Date.parse(`${text}Z`);
const ohlc = ({ open, high, low, close, lots, trades }: Candle) =>
  [open, high, low, close, Number(lots), trades] as const;

test("matching M34 candles of a minute are a fold over trades, and a known trade changes nothing", () => {
  const trades: CandleTrade[] = [
    { id: 1, price: 100, lots: 1, atMs: at("2026-03-02T00:00:10") },
    { id: 2, price: 105, lots: 2, atMs: at("2026-03-02T00:00:50") },
    { id: 3, price: 99, lots: 1, atMs: at("2026-03-02T00:02:05") },
  ];
  const minutes = joinCandles(toSeconds(trades), "1m");
  const [first, last] = minutes as [Candle, Candle];
  expect(minutes.map(ohlc)).toEqual([
    [100, 105, 100, 105, 3, 2],
    [99, 99, 99, 99, 1, 1],
  ]);
  const empty = nextOpenMs("1m", first.openMs);
  expect(ohlc(flatAfter(first, empty))).toEqual([105, 105, 105, 105, 0, 0]);
  expect(nextOpenMs("1m", empty)).toBe(last.openMs);
  const [again] = toSeconds(trades.slice(1, 2)) as [Candle];
  expect(join(first, again)).toEqual(first);
});

test.each([
  ["1s", "2026-03-01T23:59:59.999", "2026-03-01T23:59:59"],
  ["3m", "2026-03-01T23:59:59.999", "2026-03-01T23:57:00"],
  ["4h", "2026-03-01T11:59:00", "2026-03-01T08:00:00"],
  ["1d", "2026-03-01T23:59:59.999", "2026-03-01T00:00:00"],
  ["1w", "2026-03-01T23:59:59.999", "2026-02-23T00:00:00"],
  ["1w", "2026-03-02T00:00:00", "2026-03-02T00:00:00"],
  ["1M", "2024-02-29T23:59:59.999", "2024-02-01T00:00:00"],
  ["1M", "2026-12-31T23:00:00", "2026-12-01T00:00:00"],
] as const)("the candle of %s that %s lies in begins at %s", (interval, time, open) => {
  expect(openMsOf(interval, at(time))).toBe(at(open));
});

test("a time lies in exactly one candle of each interval, and candles can be counted", () => {
  const times = fc.integer({ min: 0, max: at("2100-01-01T00:00:00") });
  const counts = fc.integer({ min: -100, max: 100 });
  fc.assert(
    fc.property(times, counts, fc.constantFrom(...INTERVALS), (ms, count, interval) => {
      const open = openMsOf(interval, ms);
      expect(open).toBeLessThanOrEqual(ms);
      expect(nextOpenMs(interval, open)).toBeGreaterThan(ms);
      const other = nextOpenMs(interval, open, count);
      expect(openMsOf(interval, other)).toBe(other);
      expect(countBetween(interval, open, other)).toBe(count);
      expect(nextOpenMs(interval, other, -count)).toBe(open);
    }),
  );
});

test("candles of any length come to the same through seconds, in whatever parts trades come", () => {
  const trade = fc.record({
    price: fc.integer({ min: 1, max: 100 }),
    lots: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    pauseMs: fc.oneof(fc.nat(2000), fc.nat(40 * 86_400_000)),
  });
  const cases = fc.array(trade, { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(cases, fc.nat(30), fc.constantFrom(...INTERVALS), (drawn, cut, interval) => {
      let atMs = at("2026-01-01T00:00:00");
      const trades = drawn.map(({ price, lots, pauseMs }, index) => ({
        id: index + 1,
        price,
        lots,
        atMs: (atMs += pauseMs),
      }));
      const parts = [trades.slice(0, cut), trades.slice(cut)];
      const candles = joinCandles(
        parts.flatMap((part) => joinCandles(toSeconds(part), interval)),
        interval,
      );
      expect(candles).toEqual(
        [...Map.groupBy(trades, ({ atMs: ms }) => openMsOf(interval, ms))].map(([openMs, own]) => ({
          openMs,
          open: own[0]!.price,
          high: Math.max(...own.map(({ price }) => price)),
          low: Math.min(...own.map(({ price }) => price)),
          close: own.at(-1)!.price,
          lots: own.reduce((sum, { lots }) => sum + BigInt(lots), 0n),
          units: own.reduce((sum, { lots, price }) => sum + BigInt(lots) * BigInt(price), 0n),
          trades: own.length,
          firstId: own[0]!.id,
          lastId: own.at(-1)!.id,
        })),
      );
    }),
    { numRuns: 300 },
  );
});
