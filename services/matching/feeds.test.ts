import { request as send } from "node:http";
import { toJson } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { CandleInterval } from "#gen/mizan/matching/v1/candle_pb.ts";
import {
  GetOrderBookResponseSchema,
  MarketService,
} from "#gen/mizan/matching/v1/market_service_pb.ts";
import { clientBook, type BookMessage } from "../../scripts/order-book/client-book.ts";
import { startRouter } from "../../scripts/router.ts";
import { routesTo } from "../../scripts/router/routes.ts";
import { exchange, type TestMarket, type Trader } from "./testing/exchange.ts";
import { type ServedMatching, serveMatching } from "./testing/serve-matching.ts";

// Market data by real clients on every wire, with the whole service behind a router.

let served: ServedMatching;
let at: ReturnType<typeof exchange>;
let origin: string;
let market: TestMarket;
let [buyer, seller]: (Trader | undefined)[] = [];
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  served = stack.use(await serveMatching());
  at = exchange(served);
  const routes = routesTo({ matching: new URL(served.http).host });
  const router = stack.use(await startRouter({ host: "127.0.0.1", port: 0, routes }));
  origin = `127.0.0.1:${router.port}`;
  market = await at.list({
    tick: "0.00005",
    lot: "0.00000500",
    quoteScale: 15,
    rules: { listingPrice: "0.05" },
  });
  buyer = await at.trader([market.quote, "1000"]);
  seller = await at.trader([market.base, "1000"]);
});
afterAll(async () => stack.disposeAsync());

/** A client outside, with a WebSocket of its own platform. */
async function connect() {
  const socket = new WebSocket(`ws://${origin}/ws`);
  const told: (BookMessage & Record<string, unknown>)[] = [];
  socket.addEventListener("message", ({ data }) => {
    told.push(JSON.parse(String(data)) as (typeof told)[number]);
  });
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  return {
    told,
    send: (body: object) => socket.send(JSON.stringify(body)),
    until: async (isIt: (text: (typeof told)[number]) => boolean) =>
      vi.waitFor(() => {
        const found = told.find(isIt);
        expect(found).toBeDefined();
        return found!;
      }, 15_000),
    [Symbol.dispose]: () => socket.close(),
  };
}

test("matching M33 a client outside sees the book of Kraken's vector, level by level, and its checksum", async () => {
  using client = await connect();
  const book = clientBook();
  client.send({ op: "subscribe", channel: "book", market: market.symbol });
  await client.until(({ snapshot }) => snapshot !== undefined);
  const asks = Array.from({ length: 10 }, (_, n) => `0.0${5005 + 5 * n}`);
  const bids = [5000, 4995, 4990, 4980, 4975, 4970, 4965, 4960, 4955, 4950].map((n) => `0.0${n}`);
  for (const price of asks) await seller!.limit(market.symbol, `sell 0.00000500 at ${price}`);
  for (const price of bids) await buyer!.limit(market.symbol, `buy 0.00000500 at ${price}`);
  const reads = served.outside(MarketService);
  const shown = toJson(
    GetOrderBookResponseSchema,
    await reads.getOrderBook({ market: market.symbol }),
  );
  expect(shown).toMatchObject({ checksum: 974_947_235 });
  const { sequence } = shown as { sequence: string };
  await client.until(({ delta }) => delta?.sequence === sequence);
  const taken = client.told.filter(({ op }) => op === undefined).map((text) => book.take(text));
  expect(taken).not.toContain("gap");
  expect(book.asks().map(({ price }) => price)).toEqual(asks);
  expect(book.bids().map(({ price }) => price)).toEqual(bids);
});

test("streams of every kind are served over HTTP and gRPC", async () => {
  for (const client of [
    served.outside(MarketService),
    served.inside("operator").of(MarketService),
  ]) {
    const stop = new AbortController();
    const { signal } = stop;
    const request = { market: market.symbol };
    const streams = [
      client.watchOrderBook(request, { signal }),
      client.watchTrades(request, { signal }),
      client.watchCandles({ ...request, interval: CandleInterval.CANDLE_INTERVAL_1M }, { signal }),
      client.watchTickers({ markets: [market.symbol] }, { signal }),
    ];
    const firsts = streams.map(async (stream) => stream[Symbol.asyncIterator]().next());
    const [book, trades, candle, tickers] = (await Promise.all(firsts)).map(
      ({ value }) => value as unknown,
    );
    expect(book).toMatchObject({ update: { case: "snapshot", value: { checksum: 974_947_235 } } });
    expect(trades).toMatchObject({ trades: [] });
    expect(candle).not.toHaveProperty("candle.open");
    expect(tickers).toMatchObject({
      tickers: [{ market: market.symbol, bid: { price: "0.05000" } }],
    });
    stop.abort();
  }
});

test("after an auth somebody is told of own orders, and a trade is told to all", async () => {
  using client = await connect();
  const token = await served.tokenOf(buyer!.id, "USER");
  client.send({ op: "auth", token });
  client.send({ op: "subscribe", channel: "orders", market: market.symbol });
  client.send({ op: "subscribe", channel: "trades", market: market.symbol });
  const begin = await client.until(({ isSnapshot }) => isSnapshot === true);
  expect(begin["orders"]).toHaveLength(10);
  await client.until(({ op, channel }) => op === "subscribed" && channel === "trades");
  const { order } = await buyer!.limit(market.symbol, "buy 0.00000500 at 0.05005");
  const isFilled = (text: object) => JSON.stringify(text).includes('"STATE_FILLED"');
  const told = await client.until((text) => "orders" in text && isFilled(text));
  expect(told).toMatchObject({
    channel: "orders",
    orders: [{ id: order!.id }],
    fills: [{ price: "0.05005" }],
  });
  const trade = await client.until(({ trades }) => Array.isArray(trades) && trades.length > 0);
  expect(trade).toMatchObject({ trades: [{ id: "1", size: "0.00000500", takerSide: "SIDE_BUY" }] });
  const { candles } = await served.outside(MarketService).listCandles({
    market: market.symbol,
    interval: CandleInterval.CANDLE_INTERVAL_1D,
  });
  expect(candles).toMatchObject([{ close: "0.05005", tradeCount: 1n }]);
});

test("S16 a page of another origin can't connect", async () => {
  const headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    origin: "https://evil.example",
    "sec-websocket-version": "13",
    "sec-websocket-key": "MDEyMzQ1Njc4OWFiY2RlZg==",
  };
  const status = await new Promise((resolve) => {
    send(`http://${origin}/ws`, { headers }, (answer) => resolve(answer.statusCode)).end();
  });
  expect(status).toBe(403);
});
