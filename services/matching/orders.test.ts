import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Hold_Purpose } from "#gen/mizan/billing/v1/hold_pb.ts";
import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { newId, uuidOf } from "#mesh/ids.ts";
import { OrderType, TimeInForce } from "#gen/mizan/matching/v1/order_pb.ts";
import { orderIdOf } from "./operations/order-id.ts";
import {
  type Asked,
  exchange,
  FOK,
  IOC,
  limitOf,
  MARKET,
  problemsIn,
  reasonIn,
  stateOf,
  type Wire,
} from "./testing/exchange.ts";
import { type ServedMatching, serveMatching } from "./testing/serve-matching.ts";

// Orders by real clients on both wires, with the money of a real ledger.

let served: ServedMatching;
let at: ReturnType<typeof exchange>;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  served = stack.use(await serveMatching());
  at = exchange(served);
});
afterAll(async () => stack.disposeAsync());

const STOP = { type: OrderType.STOP, price: "" };
const YEAR_1 = -62_135_596_800_000;

/** A time in so many milliseconds. */
function later(ms: number): Timestamp {
  return timestampFromMs(Date.now() + ms);
}

/** Waits until a balance is so, as those of trades are once billing has settled them (FUND-7). */
async function settles(userId: string, asset: string, expected: readonly [string, string]) {
  await expect.poll(async () => served.balance(userId, asset)).toEqual(expected);
}

describe.each<Wire>(["HTTP", "gRPC"])("over %s", (wire) => {
  test("M28 one client id is one order with one hold, for the same content alone", async () => {
    const { symbol, quote } = await at.list();
    const [maker, taker] = [await at.trader([quote, "1000"]), await at.trader()];
    await served.charge(taker.id);
    const order = { market: symbol, ...limitOf("buy 1.00 at 90.00"), clientOrderId: "c1" };
    const first = await maker.place(order, { wire });
    expect(stateOf(first.order)).toBe("NEW");
    const other = { ...order, price: "110.00" };
    expect(await reasonIn(maker.place(other, { wire }))).toBe("DUPLICATE_CLIENT_ORDER_ID");
    const again = await maker.place(order, { wire });
    expect(again).toEqual(first);
    expect(await served.balance(maker.id, quote)).toEqual(["910.00000000", "90.00000000"]);
    const found = await maker.orders(wire).listOrders({ market: symbol }, maker.options);
    expect(found.orders).toEqual([first.order]);
  });

  test("the same request has one order, and another content under its key is refused", async () => {
    const { symbol, quote } = await at.list();
    const buyer = await at.trader([quote, "1000"]);
    const key = newId();
    const order = { market: symbol, ...limitOf("buy 1.00 at 90.00") };
    const calls = [1, 2, 3].map(async () => buyer.place(order, { key, wire }));
    const [first, ...rest] = await Promise.all(calls);
    expect(rest).toEqual([first, first]);
    await buyer.cancel(first!.order!.id);
    const late = await buyer.place(order, { key, wire });
    expect([late.order!.id, stateOf(late.order)]).toEqual([first!.order!.id, "CANCELLED"]);
    const other = buyer.place({ ...order, size: "2.00" }, { key, wire });
    expect(await reasonIn(other)).toBe("IDEMPOTENCY_KEY_REUSED");
    expect(await served.balance(buyer.id, quote)).toEqual(["1000.00000000", "0.00000000"]);
  });

  test("an order whose time has come before it is refused, and trades nothing", async () => {
    const { symbol, base, quote } = await at.list();
    const [maker, buyer] = [await at.trader([base, "9"]), await at.trader([quote, "1000"])];
    await maker.limit(symbol, "sell 1.00 at 90.00");
    const { order: old } = await buyer.limit(symbol, "buy 1.00 at 80.00");
    const bid = { market: symbol, ...limitOf("buy 1.00 at 90.00"), timeInForce: TimeInForce.GTD };
    const stop = { ...bid, ...STOP, stopPrice: "99.00", reservePrice: "99.00" };
    const problem = "expire_time must be in the future";
    for (const expireTime of [Date.now() - 1, Date.UTC(1960), YEAR_1].map(timestampFromMs)) {
      const order = { ...bid, expireTime };
      const [requestId, limit] = [newId(), { ...order, price: "50.00" }];
      const of = buyer.orders(wire);
      expect(await problemsIn(buyer.place(order, { wire }))).toEqual([`order.${problem}`]);
      expect(await reasonIn(buyer.place(order, { wire }))).toBe("INVALID_COMBINATION");
      const replacing = { requestId, orderId: old!.id, order };
      const replaced = of.replaceOrder(replacing, buyer.options);
      expect(await problemsIn(replaced)).toEqual([`order.${problem}`]);
      const pair = { requestId, limit, stop: { ...stop, expireTime } };
      const linked = of.placeLinkedOrders(pair, buyer.options);
      expect(await problemsIn(linked)).toEqual([`limit.${problem}`, `stop.${problem}`]);
    }
    expect(await served.balance(buyer.id, quote)).toEqual(["920.00000000", "80.00000000"]);
    const good = await buyer.place({ ...bid, expireTime: later(60_000) }, { wire });
    expect(stateOf(good.order)).toBe("FILLED");
  });

  test("two linked orders that the books refuse after their hold are refused alike a second time", async () => {
    const { symbol, quote } = await at.list();
    const [buyer, other] = [await at.trader([quote, "1000"]), await at.trader([quote, "1000"])];
    await using blocker = await openConnection({ url: served.db.url, name: "blocker" });
    await blocker.query("begin");
    await blocker.query("select from engine_shard for update");
    const before = other.limit(symbol, "buy 1.00 at 50.00"); // its commit waits for the lock
    await vi.waitUntil(async () => {
      const { rows } = await sql`
        select from pg_stat_activity where datname = current_database()
          and wait_event_type = 'Lock' and query like '%engine_journal%'`.execute(served.db.sql);
      return rows.length > 0;
    }, 5000);
    const endMs = Date.now() + 1000;
    const [limit, stop] = ["buy 1.00 at 50.00", "buy 1.00 at "].map(limitOf);
    const gone = { timeInForce: TimeInForce.GTD, expireTime: timestampFromMs(endMs) };
    const pair = {
      requestId: newId(),
      limit: { market: symbol, ...limit },
      stop: {
        market: symbol,
        ...stop,
        ...STOP,
        stopPrice: "99.00",
        reservePrice: "99.00",
        ...gone,
      },
    };
    const place = async () => buyer.orders(wire).placeLinkedOrders(pair, buyer.options);
    const placing = problemsIn(place());
    await expect.poll(async () => (await served.balance(buyer.id, quote))[1]).not.toMatch(/^0[.]/);
    await vi.waitUntil(() => Date.now() > endMs, 5000);
    await blocker.query("rollback");
    await before;
    expect(await placing).toEqual(["stop.expire_time must be in the future"]);
    expect(await problemsIn(place())).toEqual(["stop.expire_time must be in the future"]);
    expect(await served.balance(buyer.id, quote)).toEqual(["1000.00000000", "0.00000000"]);
  });

  test("a key is burned by a lack of funds, and by nothing that is refused before", async () => {
    const { symbol, quote } = await at.list({ rules: { percentPriceHighPpm: 1_500_000 } });
    const buyer = await at.trader([quote, "100"]);
    const key = newId();
    const place = async (words: string, more: Asked = {}) =>
      buyer.place({ market: symbol, ...limitOf(words), ...more }, { key, wire });
    expect(await reasonIn(place("buy 1.00 at 160.00"))).toBe("PERCENT_PRICE");
    expect(await reasonIn(place("buy 1.001 at 90.00"))).toBe("QTY_STEP");
    const poor = await place("buy 2.00 at 90.00").catch(String);
    expect(poor).toContain(`needs 180.00000000 ${quote}`);
    expect(poor).toContain("ask again with a new request id");
    for (const words of ["buy 1.00 at 90.00", "buy 1.00 at 180.00", "buy 1.00 at 160.00"]) {
      expect(await reasonIn(place(words))).toBe("IDEMPOTENCY_KEY_REUSED");
    }
    await served.charge(buyer.id, [quote, "900"]);
    expect(await place("buy 2.00 at 90.00").catch(String)).toBe(poor);
    expect(await reasonIn(place("buy 1.00 at 90.00"))).toBe("IDEMPOTENCY_KEY_REUSED");
    expect(await served.balance(buyer.id, quote)).toEqual(["1000.00000000", "0.00000000"]);
  });

  test("BOOK-3 orders of others are unknown, as those that never were", async () => {
    const { symbol, quote } = await at.list();
    const [owner, other] = [await at.trader([quote, "100"]), await at.trader([quote, "100"])];
    const { order } = await owner.limit(symbol, "buy 1.00 at 90.00");
    await other.limit(symbol, "buy 0.01 at 90.00");
    const answers = async (orderId: string) => {
      const of = other.orders(wire);
      const named = { requestId: newId(), orderId };
      const calls = [
        of.cancelOrder(named, other.options),
        of.reduceOrder({ ...named, size: "0.50" }, other.options),
        of.amendOrder({ ...named, price: "89.00" }, other.options),
        of.getOrder({ orderId }, other.options),
      ];
      const results = await Promise.allSettled(calls);
      return results.map((result) => String((result as PromiseRejectedResult).reason));
    };
    const unknown = await answers(newId());
    expect(await answers(order!.id)).toEqual(unknown);
    expect(unknown[0]).toMatch(/no such order/);
  });
});

test("FUND-8 an order waits until what an earlier try holds in its place is given up", async () => {
  const { symbol, quote } = await at.list();
  const buyer = await at.trader([quote, "1000"]);
  const key = newId();
  const holdId = uuidOf(orderIdOf("PlaceOrder", buyer.id, key));
  const amount = { asset: quote, amount: "1" };
  const hold = { holdId, ownerId: buyer.id, purpose: Hold_Purpose.ORDER, amount };
  const ledger = served.inside("matching").of(HoldService);
  await ledger.createHolds({ requestId: newId(), holds: [{ ...hold, reference: "a crash" }] });
  const order = { market: symbol, ...limitOf("buy 1.00 at 90.00") };
  for (const wire of ["HTTP", "gRPC"] as const) {
    expect(await reasonIn(buyer.place(order, { key, wire }))).toBe("ORDER_IN_PROGRESS");
  }
  expect(await served.balance(buyer.id, quote)).toEqual(["999.00000000", "1.00000000"]);
});

test("M29 holds what an order needs to the unit, trades and settles", async () => {
  const market = { baseScale: 6, tick: "0.000001", lot: "0.1", rules: { listingPrice: "0.03" } };
  const { symbol, base, quote } = await at.list(market);
  const [u1, u2] = [await at.trader([quote, "0.02000000"]), await at.trader([base, "0.699999"])];
  const bid = async () => u1.limit(symbol, "buy 0.7 at 0.030000");
  const error = await bid().catch(String);
  expect(error).toContain(`0.02100000 ${quote}`);
  await served.charge(u1.id, [quote, "0.00100000"]);
  expect(stateOf((await bid()).order)).toBe("NEW");
  expect(await served.balance(u1.id, quote)).toEqual(["0.00000000", "0.02100000"]);
  expect(await reasonIn(bid())).toBe("INSUFFICIENT_FUNDS");
  const ask = async () => u2.limit(symbol, "sell 0.7 at 0.030000", IOC);
  expect(await reasonIn(ask())).toBe("INSUFFICIENT_FUNDS");
  await served.charge(u2.id, [base, "0.000001"]);
  const { order, fills } = await ask();
  expect([stateOf(order), fills.map(({ price, size }) => [price, size])]).toEqual([
    "FILLED",
    [["0.030000", "0.7"]],
  ]);
  await settles(u1.id, base, ["0.700000", "0.000000"]);
  await settles(u1.id, quote, ["0.00000000", "0.00000000"]);
  await settles(u2.id, quote, ["0.02100000", "0.00000000"]);
  await settles(u2.id, base, ["0.000000", "0.000000"]);
});

test("M30 moves within the reserve need no money, and everything comes back in the end", async () => {
  const market = { baseScale: 8, tick: "0.000001", lot: "0.1", rules: { listingPrice: "0.02" } };
  const { symbol, base, quote } = await at.list(market);
  const [u1, u2] = [await at.trader([base, "100"]), await at.trader([quote, "0.94"])];
  const lacks = u1.limit(symbol, "sell 100.1 at 0.030000");
  expect(await reasonIn(lacks)).toBe("INSUFFICIENT_FUNDS");
  const ask = (await u1.limit(symbol, "sell 100.0 at 0.030000")).order!.id;
  expect(await served.balance(u1.id, base)).toEqual(["0.00000000", "100.00000000"]);
  await u1.amend(ask, { price: "0.040000" });
  await u1.amend(ask, { price: "0.020000" });
  expect(await served.balance(u1.id, base)).toEqual(["0.00000000", "100.00000000"]);
  const bid = { market: symbol, ...limitOf("buy 50 at 0.018000") };
  const tooMuch = u2.place({ ...bid, reservePrice: "0.019000" });
  expect(await reasonIn(tooMuch)).toBe("INSUFFICIENT_FUNDS");
  const { order } = await u2.place({ ...bid, reservePrice: "0.018500" });
  const held = ["0.01500000", "0.92500000"];
  expect(await served.balance(u2.id, quote)).toEqual(held);
  await u2.amend(order!.id, { price: "0.015000" });
  const over = u2.amend(order!.id, { price: "0.018501" });
  expect(await reasonIn(over)).toBe("PRICE_OVER_RISK_LIMIT");
  await u2.amend(order!.id, { price: "0.018500" });
  await u2.amend(order!.id, { price: "0.017500" });
  expect(await served.balance(u2.id, quote)).toEqual(held);
  const { order: moved, fills } = await u1.amend(ask, { price: "0.016900" });
  expect(fills).toMatchObject([{ price: "0.017500", size: "50.0", quoteSize: "0.87500000" }]);
  expect([stateOf(moved), moved!.openSize]).toEqual(["PARTIALLY_FILLED", "50.0"]);
  await settles(u2.id, quote, ["0.06500000", "0.00000000"]);
  await settles(u2.id, base, ["50.00000000", "0.00000000"]);
  await settles(u1.id, quote, ["0.87500000", "0.00000000"]);
  await u1.cancel(ask);
  expect(await served.balance(u1.id, base)).toEqual(["50.00000000", "0.00000000"]);
});

describe("M31 with a fee for each lot", () => {
  const fees = {
    makerFee: { ppm: 0, perLot: "0.00000700" },
    takerFee: { ppm: 0, perLot: "0.00001900" },
  };
  const market = { rules: { listingPrice: "115.00", ...fees } };

  test("(a) holds the taker's fee, and gives it back", async () => {
    const { symbol, quote } = await at.list(market);
    const buyer = await at.trader([quote, "34.20000000"]);
    const bid = async () => buyer.limit(symbol, "buy 0.30 at 114.00");
    expect(await reasonIn(bid())).toBe("INSUFFICIENT_FUNDS");
    await served.charge(buyer.id, [quote, "0.00056999"]);
    expect(await reasonIn(bid())).toBe("INSUFFICIENT_FUNDS");
    await served.charge(buyer.id, [quote, "0.00000001"]);
    const { order } = await bid();
    expect(await served.balance(buyer.id, quote)).toEqual(["0.00000000", "34.20057000"]);
    const cancelled = await buyer.cancel(order!.id);
    expect([stateOf(cancelled.order), cancelled.order!.fee]).toEqual(["CANCELLED", "0.00000000"]);
    expect(await served.balance(buyer.id, quote)).toEqual(["34.20057000", "0.00000000"]);
  });

  test.each([
    { ask: "20.00", u1: ["9.33788300", "0.00000000"], u2: "1990.61711100" },
    { ask: "10.00", u1: ["5.45481100", "844.53818900"], u2: "1149.98100000" },
  ] as const)("(b, c) an ask of $ask comes out to the unit", async ({ ask, ...ends }) => {
    const { symbol, base, quote } = await at.list(market);
    const [u1, u2] = [await at.trader([quote, "2000"]), await at.trader([base, "20"])];
    await u1.limit(symbol, "buy 17.31 at 115.00", { reservePrice: "115.53" });
    expect(await served.balance(u1.id, quote)).toEqual(["0.14281100", "1999.85718900"]);
    await u2.limit(symbol, `sell ${ask} at 114.93`, IOC);
    await settles(u1.id, quote, ends.u1);
    await settles(u2.id, quote, [ends.u2, "0.00000000"]);
    await expect.poll(async () => (await served.balance(u2.id, base))[1]).toBe("0.00000000");
  });
});

test("MARKET orders take what there is, by size or by amount, and never rest", async () => {
  const { symbol, base, quote } = await at.list();
  const [maker, taker] = [await at.trader([base, "100"]), await at.trader([quote, "10000"])];
  const buy = { market: symbol, ...limitOf("buy 10.00 at "), ...MARKET };
  const none = await taker.place(buy);
  expect([stateOf(none.order), none.order!.reason]).toEqual(["EXPIRED", "INSUFFICIENT_LIQUIDITY"]);
  await maker.limit(symbol, "sell 4.00 at 100.00");
  const some = await taker.place(buy);
  expect([stateOf(some.order), some.order!.filledSize]).toEqual(["EXPIRED", "4.00"]);
  await maker.limit(symbol, "sell 5.00 at 100.00");
  const { size: _, ...noSize } = buy;
  const amount = await taker.place({ ...noSize, quoteSize: "250.50" });
  expect([stateOf(amount.order), amount.order!.size, amount.order!.filledQuote]).toEqual([
    "FILLED",
    "2.50",
    "250.00000000",
  ]);
  await settles(taker.id, quote, ["9350.00000000", "0.00000000"]);
  await settles(maker.id, base, ["91.00000000", "2.50000000"]);
});

test("FOK with a bound of its total fills as a whole or not at all", async () => {
  const { symbol, base, quote } = await at.list();
  const [maker, taker] = [await at.trader([base, "100"]), await at.trader([quote, "10000"])];
  await maker.limit(symbol, "sell 2.00 at 100.00");
  await maker.limit(symbol, "sell 2.00 at 101.00");
  const none = await taker.limit(symbol, "buy 3.00 at 110.00", { ...FOK, quoteLimit: "300.99" });
  expect([stateOf(none.order), none.order!.reason]).toEqual(["EXPIRED", "FOK_NOT_FILLABLE"]);
  const all = await taker.limit(symbol, "buy 3.00 at 110.00", { ...FOK, quoteLimit: "301" });
  expect([stateOf(all.order), all.fills.map(({ size }) => size)]).toEqual([
    "FILLED",
    ["2.00", "1.00"],
  ]);
});

describe("a refused order names its fields", () => {
  const limit = limitOf("buy 1.00 at 100.00");
  const stop = { ...limit, ...STOP, stopPrice: "110.00", reservePrice: "110.00" };
  const GTD = { timeInForce: TimeInForce.GTD };
  const cases: [problem: string, wrong: Asked, reason?: string][] = [
    ["price must be given with LIMIT", { ...limit, price: "" }],
    ["price must be more than 0", { ...limit, price: "0" }, "PRICE_TICK"],
    ["price must be more than 0", { ...limitOf("sell 1.00 at 0.00") }, "PRICE_TICK"],
    ["price must be a whole number of steps of 0.01", { ...limit, price: "1.001" }, "PRICE_TICK"],
    ["reserve_price must be more than 0", { ...limit, reservePrice: "0" }, "PRICE_TICK"],
    ["price must not be given with MARKET", { ...limit, type: OrderType.MARKET }],
    ["size must be given", { ...limit, size: "" }],
    ["size must be given, or quote_size", { ...limit, ...MARKET, size: "" }],
    ["size must be more than 0", { ...limit, size: "0" }, "QTY_STEP"],
    ["size must be a whole number of steps of 0.10", { ...limit, size: "1.01" }, "QTY_STEP"],
    ["visible_size must be more than 0", { ...limit, visibleSize: "0" }, "QTY_STEP"],
    ["expire_time must be given with GTD", { ...limit, ...GTD }],
    ["expire_time must not be given without GTD", { ...limit, expireTime: later(60_000) }],
    ["visible_size must not be more than size", { ...limit, visibleSize: "2.00" }],
    ["visible_size must not make more than 5 parts of size", { ...limit, visibleSize: "0.10" }],
    ["stop_price must be given with STOP", { ...stop, stopPrice: "" }],
    ["stop_price must not be given with LIMIT", { ...limit, stopPrice: "100.00" }],
    ["reserve_price must be given for a buy with STOP by size", { ...stop, reservePrice: "" }],
    ["time_in_force must be GTC or GTD with STOP", { ...stop, ...IOC }],
    ["reserve_price must not be below the price", { ...limit, reservePrice: "99.99" }],
    [
      "reserve_price must not be given for a sell",
      { ...limitOf("sell 1.00 at 9.00"), reservePrice: "9.00" },
    ],
    ["post_only needs LIMIT with GTC or GTD", { ...limit, ...IOC, postOnly: true }],
    ["post_only needs LIMIT with GTC or GTD", { ...limit, ...FOK, postOnly: true }],
    ["post_only needs LIMIT with GTC or GTD", { ...limit, ...MARKET, postOnly: true }],
    ["quote_limit must not be given without FOK", { ...limit, quoteLimit: "100" }],
    ["quote_size must not be given with LIMIT", { ...limit, quoteSize: "100" }],
    ["quote_size must be more than 0", { ...limit, ...MARKET, size: "", quoteSize: "0" }],
    ["size must not be given beside quote_size for a buy", { ...limit, ...MARKET, quoteSize: "9" }],
    ["time_in_force must not be given with MARKET", { ...limit, ...MARKET, ...IOC }],
  ];
  let market: string;
  let trader: Awaited<ReturnType<typeof at.trader>>;
  beforeAll(async () => {
    const rules = { size: { min: "0.10", max: "9.00", step: "0.10" }, maxIcebergParts: 5 };
    market = (await at.list({ rules })).symbol;
    trader = await at.trader();
  });

  test.each(cases)("%s", async (problem, wrong, reason = "INVALID_COMBINATION") => {
    const place = async () => trader.place({ market, ...wrong });
    expect(await reasonIn(place())).toBe(reason);
    expect(await problemsIn(place())).toEqual([`order.${problem}`]);
    expect(await place().catch(String)).toContain(`order.${problem}`);
  });

  test.each(["price", "size"])(
    "of a %s with leading zeros that it has another form",
    async (field) => {
      const wrong = trader.place({ market, ...limit, [field]: "0100" });
      expect(await problemsIn(wrong)).toEqual([
        expect.stringContaining(`order.${field} does not match`),
      ]);
      expect(await reasonIn(trader.place({ market, ...limit, [field]: "0100" }))).toBe(
        "VALIDATION_FAILED",
      );
    },
  );

  test.each([
    ["order_id must be given, or market and client_order_id", {}],
    ["client_order_id must be given without order_id", { market: "A-B" }],
    ["market must be given without order_id", { clientOrderId: "c" }],
    ["client_order_id must not be given beside order_id", { orderId: newId(), clientOrderId: "c" }],
    ["market must not be given beside order_id", { orderId: newId(), market: "A-B" }],
  ])("of an order to find: %s", async (problem, target) => {
    const cancelling = { requestId: newId(), ...target };
    const cancel = async () => trader.orders().cancelOrder(cancelling, trader.options);
    expect(await problemsIn(cancel())).toEqual([problem]);
    const found = trader.orders().getOrder(target, trader.options);
    expect(await problemsIn(found)).toEqual([problem]);
    expect(await reasonIn(cancel())).toBe("INVALID_COMBINATION");
  });
});

test("lists of orders and fills of an unknown market are refused", async () => {
  const { options, orders } = await at.trader();
  const asked = { market: "NO-MARKET" };
  expect(await reasonIn(orders().listOrders(asked, options))).toBe("MARKET_NOT_FOUND");
  expect(await reasonIn(orders().listFills(asked, options))).toBe("MARKET_NOT_FOUND");
});
