import { fromBinary } from "@bufbuild/protobuf";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MarketChangedSchema } from "#gen/mizan/matching/v1/events_pb.ts";
import { Market_State } from "#gen/mizan/matching/v1/market_pb.ts";
import { MarketService } from "#gen/mizan/matching/v1/market_service_pb.ts";
import {
  OrderType,
  SelfTradePrevention as Stp,
  TimeInForce,
} from "#gen/mizan/matching/v1/order_pb.ts";
import { newId } from "#mesh/ids.ts";
import {
  type Asked,
  exchange,
  IOC,
  limitOf,
  reasonIn,
  stateOf,
  type TestMarket,
  type Trader,
} from "./testing/exchange.ts";
import { type ServedMatching, serveMatching } from "./testing/serve-matching.ts";

// What markets accept, and who lists and stops them.

let served: ServedMatching;
let at: ReturnType<typeof exchange>;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  served = stack.use(await serveMatching());
  at = exchange(served);
});
afterAll(async () => stack.disposeAsync());

/** What was told of a market: its states and why. */
async function toldOf(symbol: string): Promise<string[]> {
  const { rows } = await sql<{ payload: Uint8Array }>`
    select payload from outbox where subject = ${`mizan.matching.v1.MarketChanged.${symbol}`}
    order by id`.execute(served.db.sql);
  return rows.map(({ payload }) => {
    const { market, reason } = fromBinary(MarketChangedSchema, payload);
    return `${stateWord(market!.state)} ${reason}`.trim();
  });
}

function stateWord(state: Market_State): string {
  const names = Object.keys(Market_State) as (keyof typeof Market_State)[];
  return names.find((name) => Market_State[name] === state)!;
}

test("who follows all tickers of an exchange without markets hears so at once", async () => {
  const leaving = new AbortController();
  const stream = served.outside(MarketService).watchTickers({}, { signal: leaving.signal });
  for await (const { tickers } of stream) {
    expect(tickers).toEqual([]);
    break;
  }
  leaving.abort();
}, 5000);

describe("section 7 each bound refuses one step beyond it", () => {
  let market: TestMarket;
  let trader: Trader;
  const rules = {
    listingPrice: "100.00",
    minPrice: "50.00",
    maxPrice: "200.00",
    size: { min: "0.10", max: "10.00", step: "0.10" },
    marketSize: { min: "0.20", max: "5.00", step: "0.20" },
    minNotional: "12",
    maxNotional: "800",
    percentPriceLowPpm: 700_000,
    percentPriceHighPpm: 1_300_000,
    maxOpenOrders: 4,
    maxStopOrders: 1,
    maxIcebergParts: 10,
    selfTradePreventions: [Stp.EXPIRE_TAKER, Stp.EXPIRE_MAKER],
  };
  const buy = (size: string, price: string, more: Asked = {}): Asked => {
    return { ...limitOf(`buy ${size} at ${price}`), ...more };
  };
  const byMarket = { type: OrderType.MARKET, price: "" };
  const byStop = { type: OrderType.STOP_LIMIT, stopPrice: "110.00" };

  beforeAll(async () => {
    market = await at.list({ rules });
    trader = await at.trader([market.quote, "100000"], [market.base, "100"]);
  });

  test.each<[reason: string, good: Asked | undefined, bad: Asked]>([
    ["INVALID_COMBINATION", undefined, buy("1.00", "100.00", { quoteSize: "100" })],
    ["INVALID_COMBINATION", undefined, buy("1.00", "100.00", { ...byMarket, ...IOC })],
    ["INVALID_COMBINATION", undefined, buy("1.00", "100.00", { stopPrice: "100.00" })],
    ["INVALID_COMBINATION", undefined, buy("1.00", "100.00", { reservePrice: "99.99" })],
    ["INVALID_COMBINATION", undefined, buy("1.00", "100.00", { quoteLimit: "100" })],
    ["INVALID_COMBINATION", undefined, buy("1.00", "100.00", { postOnly: true, ...IOC })],
    ["INVALID_COMBINATION", undefined, buy("1.00", "100.00", { timeInForce: TimeInForce.GTD })],
    [
      "INVALID_COMBINATION",
      undefined,
      { ...limitOf("sell 1.00 at 100.00"), reservePrice: "100.00" },
    ],
    [
      "INVALID_COMBINATION",
      undefined,
      buy("1.00", "", { type: OrderType.STOP, stopPrice: "110.00" }),
    ],
    ["INVALID_COMBINATION", undefined, buy("1.00", "100.00", { visibleSize: "0.09" })],
    ["PRICE_TICK", buy("1.00", "100.01"), buy("1.00", "100.001")],
    ["PRICE_TICK", undefined, buy("1.00", "100.00", { reservePrice: "100.001" })],
    ["PRICE_RANGE", undefined, buy("1.00", "49.99")],
    ["PRICE_RANGE", undefined, buy("1.00", "200.01")],
    ["QTY_STEP", buy("0.20", "100.00"), buy("0.25", "100.00")],
    ["QTY_STEP", undefined, buy("0.201", "100.00")],
    ["QTY_STEP", undefined, buy("0.30", "", byMarket)],
    ["QTY_RANGE", undefined, buy("10.10", "70.00")],
    ["QTY_RANGE", undefined, buy("5.20", "", byMarket)],
    ["MIN_NOTIONAL", buy("0.20", "70.00"), buy("0.10", "110.00")],
    ["MAX_NOTIONAL", buy("8.00", "100.00"), buy("8.10", "100.00")],
    ["PERCENT_PRICE", buy("1.00", "130.00"), buy("1.00", "130.01")],
    ["PERCENT_PRICE", buy("1.00", "70.00"), buy("1.00", "69.99")],
    ["STP_MODE_NOT_ALLOWED", undefined, buy("1.00", "100.00", { selfTradePrevention: Stp.NONE })],
  ])("%s", async (reason, good, bad) => {
    const place = async (order: Asked) => trader.place({ market: market.symbol, ...order });
    if (good !== undefined) await trader.cancel((await place(good)).order!.id);
    expect(await reasonIn(place(bad))).toBe(reason);
  });

  test("MAX_OPEN_ORDERS and MAX_STOP_ORDERS count what is live, waiting ones among it", async () => {
    const ids: string[] = [];
    const place = async (more: Asked = {}) => {
      const { order } = await trader.place({
        market: market.symbol,
        ...buy("1.00", "90.00"),
        ...more,
      });
      ids.push(order!.id);
    };
    await place(byStop);
    expect(await reasonIn(place(byStop))).toBe("MAX_STOP_ORDERS");
    for (let n = 0; n < 3; n++) await place();
    expect(await reasonIn(place())).toBe("MAX_OPEN_ORDERS");
    expect(await reasonIn(place({ selfTradePrevention: Stp.NONE }))).toBe("MAX_OPEN_ORDERS");
    for (const id of ids) await trader.cancel(id);
    await place();
    await trader.cancel(ids.at(-1)!);
  });

  test("M35 of all that is wrong the first is told", async () => {
    const wrong = { ...buy("0.05", "300.00"), selfTradePrevention: Stp.NONE };
    const place = async (order: Asked) => trader.place({ market: market.symbol, ...order });
    expect(await reasonIn(place({ ...wrong, price: "300.001" }))).toBe("PRICE_TICK");
    expect(await reasonIn(place(wrong))).toBe("PRICE_RANGE");
    expect(await reasonIn(place({ ...wrong, price: "150.00" }))).toBe("QTY_STEP");
    expect(await reasonIn(place({ ...wrong, price: "150.00", size: "0.10" }))).toBe(
      "PERCENT_PRICE",
    );
    const other = { ...wrong, market: "NO-MARKET" };
    expect(await reasonIn(place(other))).toBe("MARKET_NOT_FOUND");
    await at.setState(market.symbol, "HALT");
    expect(await reasonIn(place({ ...wrong, price: "300.001" }))).toBe("MARKET_CLOSED");
    await at.setState(market.symbol, "TRADING");
  });
});

test("M25 a post-only order does not take, at an equal price neither", async () => {
  const { symbol, base, quote } = await at.list();
  const trader = await at.trader([base, "10"], [quote, "1000"]);
  await trader.limit(symbol, "sell 1.00 at 100.00");
  const postOnly = async (price: string) =>
    trader.limit(symbol, `buy 1.00 at ${price}`, { postOnly: true });
  expect(await reasonIn(postOnly("101.00"))).toBe("WOULD_CROSS");
  expect(await reasonIn(postOnly("100.00"))).toBe("WOULD_CROSS");
  expect(stateOf((await postOnly("99.99")).order)).toBe("NEW");
  expect(await served.balance(trader.id, quote)).toEqual(["900.01000000", "99.99000000"]);
});

test("MAX_POSITION counts what one has, held or free, and what one's open orders buy", async () => {
  const { symbol, base, quote } = await at.list({ rules: { maxPosition: "5.00" } });
  const trader = await at.trader([base, "2"], [quote, "1000"]);
  await trader.limit(symbol, "sell 1.00 at 100.00");
  await trader.limit(symbol, "buy 2.00 at 90.00");
  expect(await reasonIn(trader.limit(symbol, "buy 1.01 at 90.00"))).toBe("MAX_POSITION");
  expect(stateOf((await trader.limit(symbol, "buy 1.00 at 90.00")).order)).toBe("NEW");
});

test("each state takes what its row says", async () => {
  const { symbol, base, quote } = await at.list({ state: "PRE_OPEN" });
  const trader = await at.trader([base, "10"], [quote, "10000"]);
  const { order } = await trader.limit(symbol, "sell 2.00 at 100.00");
  expect(await reasonIn(trader.limit(symbol, "buy 1.00 at 100.00"))).toBe("WOULD_CROSS");
  expect(await reasonIn(trader.limit(symbol, "buy 1.00 at 90.00", IOC))).toBe("MARKET_CLOSED");
  await trader.limit(symbol, "buy 1.00 at 90.00");
  for (const state of ["CANCEL_ONLY", "HALT"] as const) {
    await at.setState(symbol, state);
    expect(await reasonIn(trader.limit(symbol, "buy 1.00 at 90.00"))).toBe("MARKET_CLOSED");
    expect(await reasonIn(trader.amend(order!.id, { price: "101.00" }))).toBe("MARKET_CLOSED");
    await trader.reduce(order!.id, "0.50");
  }
  await trader.cancel(order!.id);
  await at.setState(symbol, "TRADING");
  await trader.limit(symbol, "buy 1.00 at 90.00");
  expect(await toldOf(symbol)).toEqual([
    "PRE_OPEN",
    "CANCEL_ONLY a test",
    "HALT a test",
    "TRADING a test",
  ]);
});

test("BOOK-6 a market whose price leaves its band halts, and everybody is told why", async () => {
  const { symbol, base, quote } = await at.list({ rules: { priceBandPpm: 50_000 } });
  const [maker, taker] = [await at.trader([base, "10"]), await at.trader([quote, "10000"])];
  await maker.limit(symbol, "sell 1.00 at 104.00");
  await maker.limit(symbol, "sell 1.00 at 106.00");
  const { order } = await taker.limit(symbol, "buy 2.00 at 110.00");
  expect([stateOf(order), order!.reason, order!.filledSize]).toEqual([
    "EXPIRED",
    "PRICE_BAND",
    "1.00",
  ]);
  const markets = served.outside(MarketService);
  const { market } = await markets.getMarket({ market: symbol });
  expect(market!.state).toBe(Market_State.HALT);
  await expect.poll(async () => (await toldOf(symbol)).at(-1)).toBe("HALT PRICE_BAND");
  await at.setState(symbol, "TRADING");
  expect((await markets.getMarket({ market: symbol })).market!.state).toBe(Market_State.TRADING);
});

describe("an administrator", () => {
  const listed = async (more: object = {}) => {
    const asked = { baseAsset: "BTC1", quoteAsset: "IRR", tickSize: "1", lotSize: "0.01" };
    const rules = { listingPrice: "1000" };
    return at.markets.createMarket(
      { requestId: newId(), ...asked, rules, ...more },
      await at.asAdmin(),
    );
  };
  beforeAll(async () => served.asset("BTC1", 8));

  test.each<[reason: string, wrong: object]>([
    ["UNKNOWN_ASSET", { baseAsset: "NONE" }],
    ["INVALID_RULES", { baseAsset: "IRR" }],
    ["MARKET_SCALE", { tickSize: "0.001" }],
    ["INVALID_RULES", { tickSize: "0" }],
    ["INVALID_RULES", { lotSize: "0.00" }],
    ["VALIDATION_FAILED", { lotSize: "00.1" }],
    ["INVALID_RULES", { rules: {} }],
    ["INVALID_RULES", { rules: { listingPrice: "1000.5" } }],
    ["INVALID_RULES", { rules: { listingPrice: "1000", minPrice: "2000" } }],
    ["INVALID_RULES", { rules: { listingPrice: "1000", size: { min: "2", max: "1" } } }],
    ["INVALID_RULES", { rules: { listingPrice: "1000", maxNotional: "1", minNotional: "2" } }],
    ["INVALID_RULES", { rules: { listingPrice: "1000", takerFee: { perLot: "0.001" } } }],
    [
      "INVALID_RULES",
      { rules: { listingPrice: "1000", maxPrice: "2000000000", size: { max: "1000000000" } } },
    ],
    [
      "INVALID_RULES",
      {
        rules: {
          listingPrice: "1000",
          selfTradePreventions: [Stp.NONE],
          defaultSelfTradePrevention: Stp.DECREMENT,
        },
      },
    ],
  ])("can't list a market that has %s", async (reason, wrong) => {
    expect(await reasonIn(listed(wrong))).toBe(reason);
  });

  test("is told which step is no step", async () => {
    const text = await listed({ lotSize: "0" }).catch(String);
    expect(text).toMatch(/lot_size must be more than 0/);
  });

  test("lists a market once, with the usual rules, and changes them", async () => {
    const requestId = newId();
    const first = await listed({ requestId });
    expect(await listed({ requestId })).toEqual(first);
    expect(await reasonIn(listed())).toBe("MARKET_EXISTS");
    expect(first.market).toMatchObject({
      symbol: "BTC1-IRR",
      state: Market_State.PRE_OPEN,
      rules: { minPrice: "1", maxPrice: "1000000", maxOpenOrders: 200, maxPosition: "" },
    });
    const rules = { listingPrice: "1000", minPrice: "10", takerFee: { ppm: 1500 } };
    const change = { requestId: newId(), market: "BTC1-IRR", rules };
    const { market } = await at.markets.updateMarket(change, await at.asAdmin());
    expect(market!.rules).toMatchObject({
      minPrice: "10",
      takerFee: { ppm: 1500, perLot: "0.00" },
    });
    const { markets } = await served.outside(MarketService).listMarkets({ pageSize: 1000 });
    expect(markets.find(({ symbol }) => symbol === "BTC1-IRR")).toEqual(market);
    const trader = await at.trader(["IRR", "100000"]);
    expect(await reasonIn(trader.limit("BTC1-IRR", "buy 1.00 at 9"))).toBe("PRICE_RANGE");
    const { order } = await trader.limit("BTC1-IRR", "buy 1.00 at 900");
    expect(order!.held).toBe("901.35");
    const none = { ...change, requestId: newId(), market: "NO-MARKET" };
    const unknown = at.markets.updateMarket(none, await at.asAdmin());
    expect(await reasonIn(unknown)).toBe("MARKET_NOT_FOUND");
    expect(await reasonIn(at.setState("NO-MARKET", "HALT"))).toBe("MARKET_NOT_FOUND");
  });

  test("lists markets in pages, by symbol", async () => {
    const markets = served.outside(MarketService);
    const all = (await markets.listMarkets({ pageSize: 1000 })).markets.map(({ symbol }) => symbol);
    expect(all).toEqual(all.toSorted());
    const first = await markets.listMarkets({ pageSize: 1 });
    const next = await markets.listMarkets({ pageSize: 1, pageToken: first.nextPageToken });
    expect([...first.markets, ...next.markets].map(({ symbol }) => symbol)).toEqual(
      all.slice(0, 2),
    );
  });
});

describe("the paths of the replaced exchange", () => {
  async function ask(trader: Trader | undefined, path: string, body?: object) {
    const token = trader && (await served.tokenOf(trader.id, "USER"));
    const response = await fetch(`${served.http}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        "content-type": "application/json",
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return [response.status, (await response.json()) as Record<string, unknown>] as const;
  }

  test("give an amount of one currency for another, at the average price or at a limit", async () => {
    const fee = { takerFee: { ppm: 1000 } };
    const { symbol, base, quote } = await at.list({ rules: fee });
    const trader = await at.trader([quote, "1000"], [base, "1"]);
    const spend = { amount: "100", currency_from: quote, currency_to: base, unique_key: "k1" };
    const [status, answer] = await ask(trader, "/api/orders/", spend);
    expect([status, answer]).toEqual([201, { success: true, id: expect.any(String) }]);
    const { order } = await trader
      .orders()
      .getOrder({ orderId: String(answer["id"]) }, trader.options);
    expect([order!.price, order!.size, order!.held]).toEqual(["100.00", "0.99", "99.09900000"]);
    const [again, text] = await ask(trader, "/api/orders/", spend);
    expect([again, Object.keys(text)]).toEqual([400, ["unique_key"]]);
    const sell = { amount: "0.5", currency_from: base, currency_to: quote, unique_key: "k2" };
    expect((await ask(trader, "/api/orders/", { ...sell, price: "120" }))[0]).toBe(201);
    const lacks = { ...spend, amount: 5000, unique_key: "k3" };
    const [poor, why] = await ask(trader, "/api/orders/", lacks);
    expect([poor, why["code"]]).toEqual([400, "INSUFFICIENT_FUNDS"]);
    const [, listed] = await ask(trader, "/api/orders/");
    expect(listed).toMatchObject([
      { unique_key: "k2", currency_from: base, currency_to: quote, price: "120.00", status: "new" },
      { unique_key: "k1", currency_from: quote, currency_to: base, size: "0.99", filled: "0.00" },
    ]);
    expect((await ask(undefined, "/api/orders/"))[0]).toBe(401);
    expect((await ask(trader, `/api/history/candles/?market=${symbol}`))[1]).toEqual([]);
  });

  test.each([
    ["currency_to", { currency_to: "NONE" }],
    ["currency_to", { currency_to: undefined }],
    ["currency_from", { currency_from: undefined }],
    ["amount", { amount: "0" }],
    ["amount", { amount: "x" }],
    ["amount", { amount: undefined }],
    ["amount", { amount: "100.000000001" }],
    ["price", { price: "x" }],
    ["amount", { amount: "0.0001" }],
    ["price", { price: "0" }],
    ["price", { price: "100.001" }],
    ["unique_key", { unique_key: "a b" }],
    ["unique_key", { unique_key: undefined }],
  ])("refuse a wrong %s by its field", async (field, wrong) => {
    const { base, quote } = await at.list();
    const trader = await at.trader();
    const good = { amount: "100", currency_from: quote, currency_to: base, unique_key: newId() };
    const [status, answer] = await ask(trader, "/api/orders/", { ...good, ...wrong });
    expect([status, Object.keys(answer)]).toEqual([400, [field]]);
    expect(answer[field]).toHaveLength(1);
  });

  test("say of an amount what the market has against it", async () => {
    const { base, quote } = await at.list();
    const sell = { currency_from: base, currency_to: quote, unique_key: newId(), price: "100" };
    const wrong = await ask(await at.trader(), "/api/orders/", { ...sell, amount: "0.001" });
    const text = "This field must be a whole number of steps of 0.01.";
    expect(wrong).toEqual([400, { amount: [text] }]);
  });
});
