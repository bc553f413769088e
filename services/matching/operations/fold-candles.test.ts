import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { MAX_FOLDED_TRADES } from "#mesh/limits.ts";
import { type CandleTrade, INTERVALS, joinCandles, toSeconds } from "../domain/candles.ts";
import { readStats } from "../feed/market-stats.ts";
import { readCandles } from "../store/candles.ts";
import { storeTrades } from "../testing/stored-trades.ts";
import { testExchange } from "../testing/test-writer.ts";
import { foldCandles } from "./fold-candles.ts";

const stack = new AsyncDisposableStack();
const db = stack.use(await testExchange());
afterAll(async () => stack.disposeAsync());

const START_MS = Date.UTC(2026, 1, 27, 23, 58);
let markets = 0;
const newMarket = () => `M${(markets += 1)}-IRR`;

/** The stored candles of all intervals, the oldest first. */
async function stored(market: string) {
  const range = { fromMs: 0, beforeMs: Number.MAX_SAFE_INTEGER, limit: 1e6 };
  const all = INTERVALS.map(async (interval) => {
    return [interval, (await readCandles(db.sql, market, { interval, ...range })).toReversed()];
  });
  return Object.fromEntries(await Promise.all(all)) as object;
}

const folded = (trades: readonly CandleTrade[]) =>
  Object.fromEntries(
    INTERVALS.map((interval) => [interval, joinCandles(toSeconds(trades), interval)]),
  );

test("FEED-6 X8 stored candles, live ones and those made anew are one fold, however trades come", async () => {
  const trade = fc.record({
    price: fc.integer({ min: 1, max: 50 }),
    lots: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    pauseMs: fc.oneof(fc.constant(0), fc.nat(1500), fc.nat(90_000), fc.nat(20 * 86_400_000)),
  });
  const parts = fc.array(fc.array(trade, { minLength: 1, maxLength: 12 }), {
    minLength: 1,
    maxLength: 4,
  });
  const run = async (drawn: { price: number; lots: number; pauseMs: number }[][]) => {
    const market = newMarket();
    let [id, atMs] = [0, START_MS];
    const all = drawn.map((part) =>
      part.map(({ price, lots, pauseMs }) => ({
        id: (id += 1),
        price,
        lots,
        atMs: (atMs += pauseMs),
      })),
    );
    // Live from the second part on; what was folded by then is read.
    await storeTrades(db.sql, market, all[0]!);
    if (drawn.length % 2 === 0) await foldCandles({ db });
    const live = await readStats(db.sql, { market, nowMs: atMs });
    for (const part of all.slice(1)) {
      const fed = part.map((one) => ({ ...one, seq: one.id, takerBuys: true }));
      expect(live.add(fed)).toBe(true);
      expect(live.add(fed)).toBe(true);
      await storeTrades(db.sql, market, part);
      await foldCandles({ db });
    }
    await foldCandles({ db });
    const wanted = folded(all.flat());
    expect(await stored(market)).toEqual(wanted);
    for (const interval of INTERVALS) {
      const candles = live.candles.of(interval);
      expect(candles).toEqual(wanted[interval]!.slice(-candles.length));
    }
    await sql`delete from candle where market = ${market}`.execute(db.sql);
    await sql`delete from candle_progress where market = ${market}`.execute(db.sql);
    await foldCandles({ db });
    expect(await stored(market)).toEqual(wanted);
    const again = await readStats(db.sql, { market, nowMs: atMs });
    expect(again.day.at(atMs)).toEqual(live.day.at(atMs));
    expect(again.last()).toMatchObject({ id });
  };
  await fc.assert(fc.asyncProperty(parts, run), { numRuns: 25 });
});

test("many trades are folded in parts, by several processes at a time, each trade once", async () => {
  const market = newMarket();
  const trades = Array.from({ length: 2 * MAX_FOLDED_TRADES + 5 }, (_, n) => ({
    id: n + 1,
    price: 1 + (n % 7),
    lots: 3,
    atMs: START_MS + n * 40,
  }));
  await storeTrades(db.sql, market, trades);
  expect(await foldCandles({ db })).toBe(true);
  const isDone = async () => (await foldCandles({ db })) === undefined;
  const fold = async (): Promise<void> => ((await isDone()) ? undefined : fold());
  await Promise.all([fold(), fold(), fold()]);
  expect(await stored(market)).toEqual(folded(trades));
  expect(await foldCandles({ db })).toBeUndefined();
});

test("trades that are told with a gap are not taken, so that they are read anew", async () => {
  const market = newMarket();
  await storeTrades(db.sql, market, [{ id: 1, price: 5, lots: 1, atMs: START_MS }]);
  const live = await readStats(db.sql, { market, nowMs: START_MS });
  const trade = { seq: 9, price: 6, lots: 1, takerBuys: true, atMs: START_MS };
  expect(live.add([{ id: 3, ...trade }])).toBe(false);
  expect(live.last().id).toBe(1);
  expect(
    live.add([
      { id: 1, ...trade },
      { id: 2, ...trade },
    ]),
  ).toBe(true);
  expect(live.candles.of("1d")).toMatchObject([{ close: 6, trades: 2 }]);
});
