import { create } from "@bufbuild/protobuf";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { afterAll, expect, test } from "vitest";
import { CandleInterval, EmptyCandles } from "#gen/mizan/matching/v1/candle_pb.ts";
import {
  ListCandlesRequestSchema,
  ListTradesRequestSchema,
} from "#gen/mizan/matching/v1/market_service_pb.ts";
import { Side } from "#gen/mizan/matching/v1/order_pb.ts";
import { Market_State } from "#gen/mizan/matching/v1/market_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { createMarkets } from "../domain/markets.ts";
import { createFeed } from "../feed/feed.ts";
import type { TradesTold } from "../feed/trade-messages.ts";
import { readMarkets } from "../store/markets.ts";
import { storeTrades } from "../testing/stored-trades.ts";
import {
  by,
  cancel,
  limit,
  openMarket,
  submit,
  testExchange,
  testWriter,
} from "../testing/test-writer.ts";
import type { Watch } from "./follow.ts";
import { foldCandles } from "./fold-candles.ts";
import { getOrderBook } from "./get-order-book.ts";
import { getTicker } from "./get-ticker.ts";
import { listCandles } from "./list-candles.ts";
import { listPublicTrades } from "./list-public-trades.ts";
import { watchCandles } from "./watch-candles.ts";
import { watchOrderBook } from "./watch-order-book.ts";
import { watchTickers } from "./watch-tickers.ts";
import { watchTrades } from "./watch-trades.ts";

const stack = new AsyncDisposableStack();
const db = stack.use(await testExchange(["ABAN-IRR", "OLD-IRR", "CALM-IRR"]));
const markets = createMarkets(await readMarkets(db.sql));
const writer = stack.use(await testWriter(db, { markets }));
const metrics = stack.use(createTelemetry("testing"));
const feed = stack.use(createFeed({ db, markets, writer, log: writer.log, metrics }));
const feeding = { db, markets, writer, feed, log: writer.log, metrics };
await openMarket(writer);
afterAll(async () => stack.disposeAsync());

const watch = (rest: Partial<Watch> = {}): Watch => ({
  who: "192.0.2.1",
  signal: new AbortController().signal,
  endMs: Infinity,
  signMs: 50,
  ...rest,
});
let orders = 0;
/** Makes a trade of so many lots at a price of 1.4 (20 ticks of 0.07), unless said otherwise. */
async function trade(lots: number, ticks = 20) {
  await submit(writer, by("ann", limit((orders += 1), "SELL", [lots, ticks])));
  await submit(writer, by("bob", limit((orders += 1), "BUY", [lots, ticks])));
}
const next = async <T>(stream: AsyncGenerator<T>) => (await stream.next()).value as T;
/** Reads on until something of a stream is what is looked for. */
async function until<T>(stream: AsyncGenerator<T>, isIt: (one: T) => boolean): Promise<T> {
  for (;;) {
    const one = await next(stream);
    if (isIt(one)) return one;
  }
}

const START_MS = Date.UTC(2026, 0, 5, 0, 0);
/** As M34: a trade at ten seconds, one at fifty, and one at two minutes and five seconds. */
const old = [
  { id: 1, price: 100, lots: 1, atMs: START_MS + 10_000 },
  { id: 2, price: 105, lots: 2, atMs: START_MS + 50_000 },
  { id: 3, price: 99, lots: 1, atMs: START_MS + 125_000 },
];
await storeTrades(db.sql, "OLD-IRR", old);

const candles = async (request: Partial<Parameters<typeof listCandles>[1]>) =>
  listCandles(
    feeding,
    create(ListCandlesRequestSchema, {
      market: "OLD-IRR",
      interval: CandleInterval.CANDLE_INTERVAL_1M,
      ...request,
    }),
  );
const trades = async (request: Partial<Parameters<typeof listPublicTrades>[1]>) =>
  listPublicTrades(feeding, create(ListTradesRequestSchema, { market: "OLD-IRR", ...request }));

test.each(["before", "after"])(
  "matching M34 candles are listed %s they are stored, with flat ones for those who want them",
  async (when) => {
    if (when === "after") await foldCandles(feeding);
    const shown = async (request: Parameters<typeof candles>[0]) => {
      const { candles: found } = await candles(request);
      return found.map(({ openTime, open, high, low, close, volume, tradeCount }) => {
        const minute = (timestampMs(openTime!) - START_MS) / 60_000;
        return [minute, open, high, low, close, volume, Number(tradeCount)];
      });
    };
    const first = [0, "7.00", "7.35", "7.00", "7.35", "3", 2];
    const last = [2, "6.93", "6.93", "6.93", "6.93", "1", 1];
    const flat = (minute: number, price: string) => [minute, price, price, price, price, "0", 0];
    expect(await shown({})).toEqual([last, first]);
    const endTime = timestampFromMs(START_MS + 4 * 60_000);
    const empty = EmptyCandles.FLAT;
    expect(await shown({ empty, endTime })).toEqual([
      flat(3, "6.93"),
      last,
      flat(1, "7.35"),
      first,
    ]);
    const startTime = timestampFromMs(START_MS + 60_000);
    expect(await shown({ empty, endTime, startTime })).toEqual([
      flat(3, "6.93"),
      last,
      flat(1, "7.35"),
    ]);
    const late = timestampFromMs(START_MS + 150_001);
    expect(await shown({ empty, endTime, startTime: late })).toEqual([flat(3, "6.93")]);
    expect(await shown({ endTime: startTime })).toEqual([first]);
    const day = { interval: CandleInterval.CANDLE_INTERVAL_1D };
    expect(await shown(day)).toEqual([[0, "7.00", "7.35", "6.93", "6.93", "4", 3]]);
  },
);

test("pages of candles follow one another without a gap, flat ones too, and closed ones say so", async () => {
  const empty = EmptyCandles.FLAT;
  const endTime = timestampFromMs(START_MS + 5 * 60_000);
  const whole = await candles({ empty, endTime });
  expect(whole.candles).toHaveLength(5);
  expect(whole.candles.every(({ isClosed }) => isClosed)).toBe(true);
  const paged: unknown[] = [];
  let pageToken = "";
  do {
    const page = await candles({ empty, endTime, pageSize: 2, pageToken });
    paged.push(...page.candles);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  expect(paged).toEqual(whole.candles);
  const other = candles({
    empty: EmptyCandles.OMIT,
    endTime,
    pageToken: (await candles({ empty, endTime, pageSize: 2 })).nextPageToken,
  });
  expect(reasonOf(await failureOf(other))).toBe("INVALID_PAGE_TOKEN");
});

test("trades are listed by time and in pages, the newest first", async () => {
  const ids = async (request: Parameters<typeof trades>[0]) =>
    (await trades(request)).trades.map(({ id }) => Number(id));
  expect(await ids({})).toEqual([3, 2, 1]);
  expect(await ids({ startTime: timestampFromMs(START_MS + 50_000) })).toEqual([3, 2]);
  expect(await ids({ startTime: timestampFromMs(START_MS + 50_001) })).toEqual([3]);
  expect(await ids({ endTime: timestampFromMs(START_MS + 50_000) })).toEqual([1]);
  expect(await ids({ endTime: timestampFromMs(START_MS + 50_001) })).toEqual([2, 1]);
  const page = await trades({ pageSize: 2 });
  expect(page.trades[0]).toMatchObject({
    market: "OLD-IRR",
    id: 3n,
    price: "6.93",
    size: "1",
    quoteSize: "6.93",
    takerSide: Side.BUY,
  });
  const rest = await trades({ pageSize: 2, pageToken: page.nextPageToken });
  expect(rest.trades.map(({ id }) => id)).toEqual([1n]);
  expect(rest.nextPageToken).toBe("");
});

test("a book shows its best levels, the last event that is in them and their checksum", async () => {
  await submit(writer, by("ann", limit((orders += 1), "SELL", [5, 31])));
  await submit(writer, by("ann", limit((orders += 1), "SELL", [4, 30])));
  await submit(writer, by("bob", limit((orders += 1), "BUY", [3, 10])));
  const book = getOrderBook(feeding, { market: "ABAN-IRR", depth: 1 });
  expect(book).toMatchObject({
    market: "ABAN-IRR",
    sequence: BigInt(writer.engine.market(1)!.seq),
    asks: [{ price: "2.10", size: "4" }],
    bids: [{ price: "0.70", size: "3" }],
  });
  expect(getOrderBook(feeding, { market: "ABAN-IRR", depth: 0 }).asks).toHaveLength(2);
  expect(() => getOrderBook(feeding, { market: "NO-IRR", depth: 0 })).toThrow("no market NO-IRR");
});

test("a stream of a book begins with a snapshot, tells changes, and lives while it is quiet", async () => {
  const stream = watchOrderBook(
    feeding,
    { market: "ABAN-IRR", depth: 0, afterSequence: 0, isConflated: false },
    watch(),
  );
  const first = (await next(stream)).message.update;
  const beat = (await next(stream)).message.update;
  expect([first.case, beat]).toMatchObject([
    "snapshot",
    { case: "heartbeat", value: { count: 1n } },
  ]);
  await submit(writer, by("bob", limit((orders += 1), "BUY", [2, 11])));
  const change = await until(stream, ({ message }) => message.update.case === "delta");
  expect(change.message.update.value).toMatchObject({ bids: [{ price: "0.77", size: "2" }] });
  await submit(writer, by("bob", cancel(orders)));
  const again = watchOrderBook(
    feeding,
    { market: "ABAN-IRR", depth: 0, afterSequence: change.delta!.last, isConflated: true },
    watch(),
  );
  const missed = (await next(again)).message.update;
  expect(missed).toMatchObject({ case: "delta", value: { bids: [{ price: "0.77", size: "0" }] } });
  await stream.return(undefined);
  await again.return(undefined);
});

test("FEED-5 a stream of trades has no gap, from wherever it goes on", async () => {
  const idsOf = ({ trades: told }: TradesTold) => told.map(({ id }) => id);
  const live = watchTrades(feeding, { market: "ABAN-IRR" }, watch());
  expect(idsOf(await next(live))).toEqual([]);
  const begin = writer.engine.market(1)!.tradeId;
  const seen: number[] = [];
  const all = (async () => {
    while (seen.length < 40) seen.push(...idsOf(await next(live)));
  })();
  for (let n = 0; n < 20; n += 1) await trade(1 + n);
  const late = watchTrades(feeding, { market: "ABAN-IRR", afterTradeId: begin + 5 }, watch());
  const rest: number[] = [];
  const more = (async () => {
    for (let n = 0; n < 20; n += 1) await trade(1 + n);
  })();
  while (rest.length < 35) rest.push(...idsOf(await next(late)));
  await Promise.all([all, more]);
  const wanted = Array.from({ length: 40 }, (_, n) => begin + 1 + n);
  expect(seen).toEqual(wanted);
  expect(rest).toEqual(wanted.slice(5));
  const latest = watchTrades(feeding, { market: "ABAN-IRR", latest: 3 }, watch());
  expect(idsOf(await next(latest))).toEqual(wanted.slice(-3));
  for (const stream of [live, late, latest]) await stream.return(undefined);
});

test("a stream of candles tells the newest one whenever it changes, and the end of each", async () => {
  await trade(1, 19);
  const stream = watchCandles(feeding, { market: "ABAN-IRR", interval: "1s" }, watch());
  const first = await until(stream, ({ message }) => message.candle !== undefined);
  // What happens after its end closes it, even where that is no trade.
  const later = setInterval(() => void submit(writer, by("bob", cancel(-1))), 100);
  await until(stream, ({ message: { candle } }) => {
    return (
      candle?.isClosed === true &&
      candle.openTime!.seconds >= first.message.candle!.openTime!.seconds
    );
  });
  clearInterval(later);
  await trade(7, 25);
  const changed = await until(stream, ({ message }) => message.candle?.close === "1.75");
  expect(changed.message.candle).toMatchObject({ open: "1.75", volume: "7", isClosed: false });
  await stream.return(undefined);
});

test("tickers tell the 24 hours and the best prices when they change, and only then", async () => {
  await trade(5, 22);
  const stream = watchTickers(feeding, ["ABAN-IRR", "CALM-IRR"], watch({ signMs: 400 }));
  const both = new Set<string>();
  while (both.size < 2)
    for (const { market } of (await next(stream)).message.tickers) both.add(market);
  const ticker = await getTicker(feeding, "ABAN-IRR");
  expect(ticker).toMatchObject({
    lastPrice: "1.54",
    lastSize: "5",
    bid: { price: "0.70", size: "3" },
    ask: { price: "2.10", size: "4" },
    lowPrice: "1.33",
    highPrice: "1.75",
    tradeCount: BigInt(writer.engine.market(1)!.tradeId),
    state: Market_State.TRADING,
  });
  expect(await getTicker(feeding, "CALM-IRR")).toMatchObject({ lastPrice: "", tradeCount: 0n });
  expect((await next(stream)).message.tickers).toEqual([]);
  await submit(writer, by("bob", limit((orders += 1), "BUY", [1, 12])));
  const changed = await until(stream, ({ message }) => message.tickers.length > 0);
  expect(changed.message.tickers).toMatchObject([{ bid: { price: "0.84", size: "1" } }]);
  expect(JSON.parse(changed.text.toString())).toMatchObject({
    channel: "tickers",
    tickers: [{ market: "ABAN-IRR" }],
  });
  await stream.return(undefined);
});

test("R3 streams end with their time and their signal, and only so many are seated", async () => {
  const wanted = { market: "ABAN-IRR", depth: 0, afterSequence: 0, isConflated: false };
  const timed = watchOrderBook(feeding, wanted, watch({ endMs: Date.now() + 20 }));
  expect(reasonOf(await failureOf(until(timed, () => false)))).toBe("DEADLINE_PASSED");
  const stop = new AbortController();
  const stopped = watchTickers(feeding, [], watch({ signal: stop.signal, signMs: 60_000 }));
  await until(stopped, ({ message }) => message.tickers.length > 0);
  const waiting = until(stopped, () => false);
  stop.abort(new Error("gone"));
  await expect(waiting).rejects.toThrow("gone");
  const strange = watchTrades(feeding, { market: "NO-IRR" }, watch());
  expect(reasonOf(await failureOf(strange.next()))).toBe("MARKET_NOT_FOUND");
});
