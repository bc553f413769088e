import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  Order_State,
  OrderType,
  SelfTradePrevention,
  TimeInForce,
} from "#gen/mizan/matching/v1/order_pb.ts";
import type {
  OrderService,
  PlaceOrdersRequestSchema,
  PlaceOrdersResponse,
} from "#gen/mizan/matching/v1/order_service_pb.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import { Market_State } from "#gen/mizan/matching/v1/market_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { newId, uuidOf, ZERO_ID } from "#mesh/ids.ts";
import {
  type Asked,
  exchange,
  IOC,
  limitOf,
  reasonIn,
  stateOf,
  type Trader,
} from "./testing/exchange.ts";
import { type ServedMatching, serveMatching } from "./testing/serve-matching.ts";

// What becomes of orders that are there, one request at a time and on streams.

let served: ServedMatching;
let at: ReturnType<typeof exchange>;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  served = stack.use(await serveMatching());
  at = exchange(served);
});
afterAll(async () => stack.disposeAsync());

test("a cancelled order is free at once, and ends once", async () => {
  const { symbol, quote } = await at.list();
  const trader = await at.trader([quote, "100"]);
  const [orders, requestId] = [trader.orders(), newId()];
  const { order } = await trader.limit(symbol, "buy 1.00 at 90.00", { clientOrderId: "mine" });
  const named = { market: symbol, clientOrderId: "mine" };
  const first = await orders.cancelOrder({ requestId, ...named }, trader.options);
  expect([stateOf(first.order), first.order!.reason, first.order!.held]).toEqual([
    "CANCELLED",
    "USER",
    "0.00000000",
  ]);
  expect(await served.balance(trader.id, quote)).toEqual(["100.00000000", "0.00000000"]);
  expect(await orders.cancelOrder({ requestId, ...named }, trader.options)).toEqual(first);
  expect(await reasonIn(trader.cancel(order!.id))).toBe("NOT_CANCELLABLE");
  expect(await reasonIn(trader.amend(order!.id, { price: "91.00" }))).toBe("NOT_AMENDABLE");
  const both = orders.cancelOrder(
    { requestId: newId(), orderId: order!.id, ...named },
    trader.options,
  );
  expect(await reasonIn(both)).toBe("INVALID_COMBINATION");
});

test("M08 a reduction keeps the order, gives its money back, and is done once a request", async () => {
  const { symbol, base } = await at.list();
  const seller = await at.trader([base, "10"]);
  const { order } = await seller.limit(symbol, "sell 10.00 at 100.00");
  const id = order!.id;
  for (const size of ["0", "0.005", ""]) {
    expect(await reasonIn(seller.reduce(id, size))).toBe("WRONG_SIZE");
  }
  for (const size of ["-1", "x", "1e1", "01", " 1"]) {
    expect(await reasonIn(seller.reduce(id, size))).toBe("VALIDATION_FAILED");
  }
  const reduction = { requestId: newId(), orderId: id, size: "3.00" };
  const first = await seller.orders().reduceOrder(reduction, seller.options);
  expect([first.order!.size, first.order!.openSize]).toEqual(["7.00", "7.00"]);
  expect(await seller.orders().reduceOrder(reduction, seller.options)).toEqual(first);
  const other = seller.orders().reduceOrder({ ...reduction, size: "1.00" }, seller.options);
  expect(await reasonIn(other)).toBe("IDEMPOTENCY_KEY_REUSED");
  expect(await served.balance(seller.id, base)).toEqual(["3.00000000", "7.00000000"]);
  const over = await seller.reduce(id, "300.00");
  expect([stateOf(over.order), over.order!.openSize]).toEqual(["CANCELLED", "0.00"]);
  expect(await served.balance(seller.id, base)).toEqual(["10.00000000", "0.00000000"]);
});

test("FUND-3 a larger size or reserve takes an extra hold first, or nothing changes", async () => {
  const { symbol, quote } = await at.list();
  const buyer = await at.trader([quote, "100"]);
  const { order } = await buyer.limit(symbol, "buy 1.00 at 50.00");
  const id = order!.id;
  expect(await reasonIn(buyer.amend(id, { size: "2.01" }))).toBe("INSUFFICIENT_FUNDS");
  expect(await reasonIn(buyer.amend(id, { price: "60.00" }))).toBe("PRICE_OVER_RISK_LIMIT");
  const larger = await buyer.amend(id, { size: "1.50" });
  expect([larger.order!.size, larger.order!.held]).toEqual(["1.50", "75.00000000"]);
  const dearer = await buyer.amend(id, { price: "60.00", reservePrice: "66.00" });
  expect([dearer.order!.price, dearer.order!.held]).toEqual(["60.00", "99.00000000"]);
  expect(await served.balance(buyer.id, quote)).toEqual(["1.00000000", "99.00000000"]);
  const grows = ["1.51", "1.52", "1.53"].map(async (size) => buyer.amend(id, { size }));
  const results = await Promise.allSettled([...grows, buyer.reduce(id, "0.50")]);
  expect(results.at(-1)!.status).toBe("fulfilled");
  const { order: now } = await buyer.orders().getOrder({ orderId: id }, buyer.options);
  const [, held] = await served.balance(buyer.id, quote);
  expect(Number(now!.held)).toBeCloseTo(66 * Number(now!.openSize), 6);
  expect(held).toBe(now!.held);
  const smaller = await buyer.amend(id, { size: "0.10", reservePrice: "60.00" });
  expect(smaller.order!.held).toBe("6.00000000");
  const ended = await buyer.amend(id, { size: "0" });
  expect(stateOf(ended.order)).toBe("CANCELLED");
  expect(await served.balance(buyer.id, quote)).toEqual(["100.00000000", "0.00000000"]);
});

test("FUND-3 amendments hold to the unit what they need, whatever changes the order meanwhile", async () => {
  const { symbol, base, quote } = await at.list({
    rules: { listingPrice: "300.00", takerFee: { ppm: 1500 }, makerFee: { ppm: 700 } },
  });
  const [buyer, seller] = [await at.trader([quote, "9000"]), await at.trader([base, "9"])];
  for (const size of ["2.00", "3.00", "4.00"]) {
    const { order } = await buyer.limit(symbol, "buy 1.01 at 300.07", { reservePrice: "301.13" });
    const id = order!.id;
    const changes = await Promise.allSettled([
      buyer.reduce(id, "1.00"),
      buyer.amend(id, { size: "1.00" }),
      buyer.amend(id, { size, reservePrice: "300.50" }),
      buyer.reduce(id, "0.11"),
      seller.limit(symbol, "sell 0.33 at 300.00", IOC),
      buyer.amend(id, { size: "0.91" }),
    ]);
    for (const change of changes) {
      if (change.status === "fulfilled") continue;
      expect(reasonOf(change.reason)).toBe("NOT_AMENDABLE"); // it was filled, or reduced to nothing
    }
    const held = async () => {
      const found = await buyer.orders().getOrder({ orderId: id }, buyer.options);
      return found.order!.held;
    };
    await expect.poll(async () => (await served.balance(buyer.id, quote))[1]).toBe(await held());
    await buyer.orders().cancelAllOrders({ requestId: newId() }, buyer.options);
    await expect.poll(async () => (await served.balance(buyer.id, quote))[1]).toBe("0.00000000");
  }
});

test("M26 a replacement has a new id, and the old order stays when it is refused", async () => {
  const { symbol, quote } = await at.list();
  const buyer = await at.trader([quote, "200"]);
  const { order } = await buyer.limit(symbol, "buy 1.00 at 50.00");
  const orders = buyer.orders();
  const replace = async (asked: Asked, requestId = newId()) =>
    orders.replaceOrder(
      { requestId, orderId: order!.id, order: { market: symbol, ...asked } },
      buyer.options,
    );
  expect(await reasonIn(replace(limitOf("buy 1.00 at 50.001")))).toBe("PRICE_TICK");
  expect(await reasonIn(replace(limitOf("buy 9.00 at 50.00")))).toBe("INSUFFICIENT_FUNDS");
  expect(stateOf((await orders.getOrder({ orderId: order!.id }, buyer.options)).order)).toBe("NEW");
  const elsewhere = { ...limitOf("buy 1.00 at 50.00"), market: (await at.list()).symbol };
  await expect(replace(elsewhere)).rejects.toThrow("order.market must be that of the order to end");
  const requestId = newId();
  const done = await replace(limitOf("buy 2.00 at 60.00"), requestId);
  expect([stateOf(done.replaced), done.replaced!.reason, stateOf(done.order)]).toEqual([
    "CANCELLED",
    "REPLACED",
    "NEW",
  ]);
  expect(await replace(limitOf("buy 2.00 at 60.00"), requestId)).toEqual(done);
  expect(await served.balance(buyer.id, quote)).toEqual(["80.00000000", "120.00000000"]);
  expect(await reasonIn(replace(limitOf("buy 1.00 at 50.00")))).toBe("NOT_CANCELLABLE");
});

const stopOrder = { type: OrderType.STOP, price: "" };

test("M20 stops wait, are listed, go off and trade; M21 what would go off at once is refused", async () => {
  const { symbol, base, quote } = await at.list();
  const maker = await at.trader([base, "10"], [quote, "1000"]);
  const trader = await at.trader([base, "10"], [quote, "1000"]);
  for (const words of ["sell 1.00 at 56.00", "sell 1.00 at 57.00", "buy 1.00 at 54.00"]) {
    await maker.limit(symbol, words);
  }
  await maker.limit(symbol, "sell 0.01 at 55.00");
  await trader.limit(symbol, "buy 0.01 at 55.00");
  const buy = { ...stopOrder, stopPrice: "56.00", reservePrice: "60.00" };
  const refused = trader.limit(symbol, "buy 1.00 at ", { ...buy, stopPrice: "55.00" });
  expect(await reasonIn(refused)).toBe("WOULD_TRIGGER_IMMEDIATELY");
  const waiting = await trader.limit(symbol, "buy 1.00 at ", buy);
  expect([stateOf(waiting.order), waiting.order!.held]).toEqual(["PENDING_TRIGGER", "60.00000000"]);
  const { orders } = await trader
    .orders()
    .listOrders({ states: [Order_State.PENDING_TRIGGER] }, trader.options);
  expect(orders).toEqual([waiting.order]);
  await trader.limit(symbol, "buy 1.00 at 56.00", IOC);
  const gone = await trader.orders().getOrder({ orderId: waiting.order!.id }, trader.options);
  expect([stateOf(gone.order), gone.fills.map(({ price }) => price)]).toEqual([
    "FILLED",
    ["57.00"],
  ]);
});

test("of two linked orders one happens, with one hold for the larger", async () => {
  const { symbol, base, quote } = await at.list();
  const [seller, other] = [
    await at.trader([base, "1"]),
    await at.trader([quote, "1000"], [base, "1"]),
  ];
  const pair = {
    limit: { market: symbol, ...limitOf("sell 1.00 at 110.00") },
    stop: { market: symbol, ...limitOf("sell 1.00 at "), ...stopOrder, stopPrice: "90.00" },
  };
  const requestId = newId();
  const place = async (asked = pair, key = requestId) =>
    seller.orders().placeLinkedOrders({ requestId: key, ...asked }, seller.options);
  const first = await place();
  expect([stateOf(first.limit), stateOf(first.stop)]).toEqual(["NEW", "PENDING_TRIGGER"]);
  expect(first.limit!.linkedOrderId).toBe(first.stop!.id);
  expect(await place()).toEqual(first);
  expect(await served.balance(seller.id, base)).toEqual(["0.00000000", "1.00000000"]);
  let last = first;
  for (let round = 1; round <= 5; round++) {
    await seller.cancel(last.stop!.id);
    expect(await served.balance(seller.id, base)).toEqual(["1.00000000", "0.00000000"]);
    last = await place(pair, newId());
  }
  const uneven = { ...pair, stop: { ...pair.stop, size: "0.50" } };
  expect(await reasonIn(place(uneven, newId()))).toBe("INVALID_COMBINATION");
  expect(await reasonIn(place(pair, newId()))).toBe("INSUFFICIENT_FUNDS");
  await other.limit(symbol, "buy 0.40 at 110.00");
  const { order } = await seller.orders().getOrder({ orderId: last.stop!.id }, seller.options);
  expect([stateOf(order), order!.reason]).toEqual(["CANCELLED", "OCO"]);
  await seller.cancel(last.limit!.id);
  await expect
    .poll(async () => served.balance(seller.id, base))
    .toEqual(["0.60000000", "0.00000000"]);
});

test("two linked buys show what both hold, also after a trade that was prevented", async () => {
  const { symbol, base, quote } = await at.list();
  const trader = await at.trader([base, "1"], [quote, "1000"]);
  const stop = { type: OrderType.STOP_LIMIT, timeInForce: TimeInForce.GTC };
  const pair = {
    limit: { market: symbol, ...limitOf("buy 1.00 at 90.00") },
    stop: { market: symbol, ...limitOf("buy 1.00 at 110.00"), ...stop, stopPrice: "105.00" },
  };
  const orders = trader.orders();
  const placed = await orders.placeLinkedOrders({ requestId: newId(), ...pair }, trader.options);
  const held = (await served.balance(trader.id, quote))[1];
  expect(placed.limit!.held).toBe(held);
  const prevented = await trader.limit(symbol, "sell 0.10 at 90.00");
  expect(stateOf(prevented.order)).toBe("EXPIRED_IN_MATCH");
  const shown = async () => {
    const { order } = await orders.getOrder({ orderId: placed.limit!.id }, trader.options);
    return order!.held;
  };
  expect(await shown()).toBe(held);
  await trader.cancel(placed.stop!.id);
  expect(await shown()).toBe("0.00000000");
});

test("all orders of an account end together, of one market or of all", async () => {
  const [one, two] = [await at.list(), await at.list()];
  const trader = await at.trader([one.quote, "100"], [two.quote, "100"]);
  for (const { symbol } of [one, two, one]) await trader.limit(symbol, "buy 0.10 at 50.00");
  const orders = trader.orders();
  const cancelAll = async (market: string, requestId = newId()) =>
    (await orders.cancelAllOrders({ requestId, market }, trader.options)).cancelledCount;
  const key = newId();
  expect(await cancelAll(one.symbol, key)).toBe(2);
  expect(await cancelAll(one.symbol, key)).toBe(2);
  expect(await cancelAll("")).toBe(1);
  expect(await cancelAll("")).toBe(0);
  expect(await reasonIn(cancelAll("NO-MARKET"))).toBe("MARKET_NOT_FOUND");
  expect(await served.balance(trader.id, two.quote)).toEqual(["100.00000000", "0.00000000"]);
});

test("an order ends at its time, and its money is free", async () => {
  const { symbol, quote } = await at.list();
  const trader = await at.trader([quote, "100"]);
  const gtd = { timeInForce: TimeInForce.GTD, expireTime: timestampFromMs(Date.now() + 700) };
  const { order } = await trader.limit(symbol, "buy 1.00 at 50.00", gtd);
  const reasonNow = async () => {
    const found = await trader.orders().getOrder({ orderId: order!.id }, trader.options);
    return found.order!.reason;
  };
  await expect.poll(reasonNow).toBe("GTD");
  await expect
    .poll(async () => served.balance(trader.id, quote))
    .toEqual(["100.00000000", "0.00000000"]);
});

test("own orders and fills are listed in pages, the newest first, those of others never", async () => {
  const { symbol, base, quote } = await at.list();
  const [maker, taker] = [await at.trader([base, "10"]), await at.trader([quote, "1000"])];
  const ids: string[] = [];
  for (const price of ["50.00", "51.00", "52.00"]) {
    ids.unshift((await maker.limit(symbol, `sell 1.00 at ${price}`)).order!.id);
  }
  await taker.limit(symbol, "buy 2.50 at 60.00", IOC);
  const pages = async <T>(list: (pageToken: string) => Promise<readonly [T[], string]>) => {
    const all: T[][] = [];
    for (let token = ""; ;) {
      const [page, next] = await list(token);
      all.push(page);
      if (next === "") return all;
      token = next;
    }
  };
  const listed = await pages(async (pageToken) => {
    const page = await maker.orders().listOrders({ pageSize: 2, pageToken }, maker.options);
    return [page.orders.map(({ id }) => id), page.nextPageToken];
  });
  expect(listed).toEqual([ids.slice(0, 2), ids.slice(2)]);
  const fills = await pages(async (pageToken) => {
    const page = await taker.orders().listFills({ pageSize: 2, pageToken }, taker.options);
    return [page.fills.map(({ price, size }) => `${size}@${price}`), page.nextPageToken];
  });
  expect(fills).toEqual([["0.50@52.00", "1.00@51.00"], ["1.00@50.00"]]);
  const first = { orderId: ids[2]! };
  const ofOrder = await maker.orders().listFills(first, maker.options);
  expect(ofOrder.fills).toMatchObject([{ price: "50.00", isTaker: false, openSize: "0.00" }]);
  expect(await reasonIn(taker.orders().listFills(first, taker.options))).toBe("UNKNOWN_ORDER");
  const foreign = maker.orders().listOrders({ pageToken: "x" }, maker.options);
  expect(await reasonIn(foreign)).toBe("INVALID_PAGE_TOKEN");
});

test("section 4 orders of one group don't trade with each other, by the mode of the taker", async () => {
  const { symbol, base, quote } = await at.list();
  const [one, two] = [await at.trader([base, "10"]), await at.trader([quote, "1000"])];
  await one.limit(symbol, "sell 1.00 at 50.00");
  await two.limit(symbol, "buy 0.01 at 40.00");
  const group = { requestId: newId(), userIds: [two.id], groupUserId: one.id };
  await at.markets.setTradeGroup(group, await at.asAdmin());
  const stp = { selfTradePrevention: SelfTradePrevention.EXPIRE_TAKER };
  const { order } = await two.limit(symbol, "buy 1.00 at 50.00", stp);
  expect([stateOf(order), order!.preventedSize]).toEqual(["EXPIRED_IN_MATCH", "1.00"]);
  const alone = { requestId: newId(), userIds: [two.id] };
  await at.markets.setTradeGroup(alone, await at.asAdmin());
  expect(stateOf((await two.limit(symbol, "buy 1.00 at 50.00", stp)).order)).toBe("FILLED");
  const nobody = { requestId: newId(), userIds: [newId()] };
  const unknown = at.markets.setTradeGroup(nobody, await at.asAdmin());
  expect(await reasonIn(unknown)).toBe("USER_NOT_FOUND");
});

test.each([
  ["hyphens", "-".repeat(36)],
  ["digits without hyphens", "0".repeat(36)],
  ["hyphens in other places", `${"0".repeat(31)}-----`],
])("an order id of %s is refused, and fails nobody else's reads", async (_, bad) => {
  const { symbol, quote } = await at.list();
  const trader = await at.trader([quote, "100"]);
  const { order } = await trader.limit(symbol, "buy 1.00 at 50.00");
  const [orders, { options }] = [trader.orders("gRPC"), trader];
  const codeOf = async (call: Promise<unknown>) =>
    ConnectError.from(await call.catch((error: unknown) => error)).code;
  const calls = [
    orders.getOrder({ orderId: bad }, options),
    orders.listFills({ orderId: bad }, options),
    orders.cancelOrder({ requestId: newId(), orderId: bad }, options),
  ].map(codeOf);
  const own = [1, 2, 3].map(async () => orders.getOrder({ orderId: order!.id }, options));
  expect((await Promise.all(own)).map(({ order: found }) => found)).toEqual([order, order, order]);
  expect(await Promise.all(calls)).toEqual(calls.map(() => Code.InvalidArgument));
  const nil = orders.getOrder({ orderId: uuidOf(ZERO_ID) }, options);
  expect(await reasonIn(nil)).toBe("UNKNOWN_ORDER");
});

test("an order that is placed between two looks is not unknown for good", async () => {
  const { symbol, quote } = await at.list();
  const trader = await at.trader([quote, "100"]);
  const { order } = await trader.limit(symbol, "buy 1.00 at 50.00");
  await trader.cancel(order!.id);
  const turn = async (state: string) =>
    sql`update orders set state = ${state} where id = ${order!.id}`.execute(served.db.sql);
  await turn("NEW"); // as its row is when it was not live at the first look
  const asked = { requestId: newId(), orderId: order!.id };
  const cancel = async () => reasonIn(trader.orders().cancelOrder(asked, trader.options));
  expect(await cancel()).toBe("OUTCOME_UNKNOWN");
  await turn("CANCELLED");
  expect(await cancel()).toBe("NOT_CANCELLABLE");
});

describe("L6 a change whose answer was lost after it was journaled has no second effect:", () => {
  /** Leaves what a process leaves that is killed before it has kept its answer. */
  const lose = async (key: string) =>
    sql`delete from idempotency where key = ${key}`.execute(served.db.sql);

  test("a reduction, and another content under its key is refused", async () => {
    const { symbol, base } = await at.list();
    const seller = await at.trader([base, "10"]);
    const id = (await seller.limit(symbol, "sell 10.00 at 100.00")).order!.id;
    const reduction = { requestId: newId(), orderId: id, size: "3.00" };
    const reduce = async (size = "3.00") =>
      seller.orders().reduceOrder({ ...reduction, size }, seller.options);
    const first = await reduce();
    await lose(reduction.requestId);
    expect(await reasonIn(reduce("1.00"))).toBe("IDEMPOTENCY_KEY_REUSED");
    expect(await reduce()).toEqual(first);
    expect(first.order!.openSize).toBe("7.00");
  });

  test("an amendment, with an extra hold or without", async () => {
    const { symbol, quote } = await at.list();
    const buyer = await at.trader([quote, "1000"]);
    const id = (await buyer.limit(symbol, "buy 1.00 at 50.00")).order!.id;
    for (const size of ["2.00", "1.00"]) {
      const amendment = { requestId: newId(), orderId: id, size };
      const amend = async () => buyer.orders().amendOrder(amendment, buyer.options);
      await amend();
      const later = await buyer.amend(id, { size: "1.50" });
      await lose(amendment.requestId);
      expect((await amend()).order).toEqual(later.order);
    }
  });

  test("a cancellation of one order, and of all", async () => {
    const { symbol, quote } = await at.list();
    const buyer = await at.trader([quote, "1000"]);
    const id = (await buyer.limit(symbol, "buy 1.00 at 50.00")).order!.id;
    const asked = { requestId: newId(), orderId: id };
    const cancel = async () => buyer.orders().cancelOrder(asked, buyer.options);
    const first = await cancel();
    await lose(asked.requestId);
    expect(await cancel()).toEqual(first);
    for (const words of ["buy 1.00 at 50.00", "buy 1.00 at 51.00"])
      await buyer.limit(symbol, words);
    const all = { requestId: newId(), market: symbol };
    const cancelAll = async () => buyer.orders().cancelAllOrders(all, buyer.options);
    await cancelAll();
    await lose(all.requestId);
    const { order } = await buyer.limit(symbol, "buy 1.00 at 50.00");
    expect((await cancelAll()).cancelledCount).toBe(2);
    expect((await buyer.orders().getOrder({ orderId: order!.id }, buyer.options)).order).toEqual(
      order,
    );
  });

  test("a state of a market", async () => {
    const { symbol } = await at.list();
    const requestId = newId();
    const asked = { requestId, market: symbol, state: Market_State.TRADING, remark: "again" };
    await at.markets.setMarketState(asked, await at.asAdmin());
    await at.setState(symbol, "HALT");
    await lose(requestId);
    const { market } = await at.markets.setMarketState(asked, await at.asAdmin());
    expect(market!.state).toBe(Market_State.HALT);
  });
});

describe("a stream of batches", () => {
  type Request = MessageInitShape<typeof PlaceOrdersRequestSchema>;

  /** A stream of a trader that a test writes to and reads from. */
  function open(trader: Trader, client: Client<typeof OrderService> = trader.orders("gRPC")) {
    const waiting: Request[] = [];
    let [isOver, wake] = [false, () => {}];
    async function* requests() {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (isOver) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    }
    const leaving = new AbortController();
    const options = { ...trader.options, signal: leaving.signal };
    const answers = client.placeOrders(requests(), options)[Symbol.asyncIterator]();
    const send = (...sent: Request[]) => {
      waiting.push(...sent);
      wake();
    };
    return {
      send,
      read: async (): Promise<PlaceOrdersResponse> => (await answers.next()).value,
      close: () => {
        isOver = true;
        wake();
      },
      leave: () => leaving.abort(),
    };
  }

  const place = (market: string, words: string, more: Asked = {}, requestId = newId()) => {
    const value = { market, ...limitOf(words), ...more };
    return { requestId, action: { case: "place" as const, value } };
  };

  test("an item that fails inside fails alone, and may be asked for again", async () => {
    const { symbol, quote } = await at.list();
    const trader = await at.trader([quote, "100"]);
    const stream = open(trader);
    const failing = place(symbol, "buy 1.00 at 0.001");
    const rename = async (from: string, to: string) =>
      sql`alter table ${sql.table(from)} rename to ${sql.table(to)}`.execute(served.db.sql);
    stream.send({ batch: 1n, items: [place(symbol, "buy 0.10 at 50.00")] });
    await stream.read();
    await trader.orders().listOrders({}, trader.options);
    await rename("orders", "orders_away");
    const reasons = async () => (await stream.read()).results.map(({ error }) => error?.reason);
    try {
      stream.send({ batch: 2n, items: [failing] }, { batch: 3n, items: [failing] });
      expect([await reasons(), await reasons()]).toEqual([["Internal"], ["Internal"]]);
    } finally {
      await rename("orders_away", "orders");
    }
    stream.send({ batch: 4n, items: [failing, place(symbol, "buy 0.10 at 50.00")] });
    expect(await reasons()).toEqual(["PRICE_TICK", undefined]);
    stream.close();
  });

  test("L6 changes an order once a request, in a batch, over streams and later", async () => {
    const { symbol, quote } = await at.list();
    const trader = await at.trader([quote, "1000"]);
    const orderId = (await trader.limit(symbol, "buy 8.00 at 50.00")).order!.id;
    const value = { orderId, size: "1.00" };
    const reduce = { requestId: newId(), action: { case: "reduce" as const, value } };
    const other = { ...reduce, action: { case: "reduce" as const, value: { orderId, size: "2" } } };
    const to = (size: string) => {
      const amend = { case: "amend" as const, value: { orderId, size } };
      return { requestId: newId(), action: amend };
    };
    const streams = [open(trader), open(trader)];
    for (const stream of streams) stream.send({ batch: 1n, items: [reduce, other, reduce] });
    const answers = await Promise.all(streams.map(async (stream) => stream.read()));
    for (const { results } of answers) {
      const told = results.map((one) => one.error?.reason ?? one.order?.openSize);
      expect(told).toEqual(["7.00", "IDEMPOTENCY_KEY_REUSED", "7.00"]);
    }
    const [first, second] = [to("5.00"), to("6.00")];
    const sizes: (string | undefined)[] = [];
    for (const item of [first, second, first, reduce]) {
      streams[0]!.send({ batch: 2n, items: [item] });
      sizes.push((await streams[0]!.read()).results[0]!.order?.openSize);
    }
    expect(sizes).toEqual(["5.00", "6.00", "6.00", "6.00"]);
    for (const stream of streams) stream.close();
  });

  test("works on items in order, and tells of each what became of it", async () => {
    const { symbol, base, quote } = await at.list();
    const [maker, taker] = [await at.trader([base, "10"]), await at.trader([quote, "1000"])];
    const [stream, makers] = [open(taker), open(maker)];
    const asks = [1, 2].map((n) =>
      place(symbol, `sell 1.00 at 5${n}.00`, { clientOrderId: `a${n}` }),
    );
    const named = { market: symbol, clientOrderId: "a2" };
    const cancel = { requestId: newId(), action: { case: "cancel" as const, value: named } };
    makers.send({ batch: 7n, items: [...asks, cancel, place(symbol, "sell 1.00 at 0.001")] });
    const { batch, results } = await makers.read();
    const told = results.map((one) => one.error?.reason ?? stateOf(one.order));
    expect([batch, told]).toEqual([7n, ["NEW", "NEW", "CANCELLED", "PRICE_TICK"]]);
    const bid = place(symbol, "buy 1.00 at 55.00");
    stream.send({ batch: 1n, items: [bid] }, { batch: 2n, items: [bid] });
    stream.send({ batch: 3n, items: [place(symbol, "buy 99.00 at 99.00")] }, { batch: 4n });
    const answers = [1, 2, 3, 4].map(async () => stream.read());
    const [first, again, lacks, empty] = await Promise.all(answers);
    expect(first!.results[0]!.fills).toMatchObject([{ price: "51.00", size: "1.00" }]);
    expect(again!.results[0]!.order!.id).toBe(first!.results[0]!.order!.id);
    expect(lacks!.results[0]!.error?.reason).toBe("INSUFFICIENT_FUNDS");
    expect([empty!.batch, empty!.results]).toEqual([4n, []]);
    stream.close();
    makers.close();
  });

  test("refuses what has ended before it, and keeps the key of what lacked funds", async () => {
    const { symbol, quote } = await at.list();
    const trader = await at.trader([quote, "100"]);
    const stream = open(trader);
    const tell = async (words: string, more: Asked, key: string) => {
      stream.send({ batch: 1n, items: [place(symbol, words, more, key)] });
      const [result] = (await stream.read()).results;
      return result!.error ?? result!.order!;
    };
    const key = newId();
    const past = { timeInForce: TimeInForce.GTD, expireTime: timestampFromMs(Date.now() - 1) };
    expect(await tell("buy 1.00 at 50.00", past, key)).toMatchObject({
      reason: "INVALID_COMBINATION",
      metadata: { violations: "place.expire_time must be in the future" },
    });
    const poor = await tell("buy 9.00 at 50.00", {}, key);
    expect(poor).toMatchObject({
      reason: "INSUFFICIENT_FUNDS",
      metadata: { needed: "450.00000000" },
    });
    const other = { reason: "IDEMPOTENCY_KEY_REUSED", metadata: { key } };
    expect(await tell("buy 1.00 at 50.00", {}, key)).toMatchObject(other);
    expect(await tell("buy 1.00 at 50.00", past, key)).toMatchObject(other);
    await served.charge(trader.id, [quote, "900"]);
    expect(await tell("buy 9.00 at 50.00", {}, key)).toEqual(poor);
    expect(await tell("buy 9.00 at 50.00", {}, newId())).toMatchObject({ held: "450.00000000" });
    stream.close();
  });

  test("FUND-3 holds more for an order that an item before has made smaller", async () => {
    const { symbol, quote } = await at.list({ rules: { takerFee: { ppm: 1000 } } });
    const trader = await at.trader([quote, "4000"]);
    const stream = open(trader);
    const { order } = await trader.limit(symbol, "buy 10.00 at 300.00");
    const value = { orderId: order!.id, size: "9.00" };
    const reduce = { requestId: newId(), action: { case: "reduce" as const, value } };
    const amend = (size: string) => {
      const wanted = { orderId: order!.id, size };
      return { requestId: newId(), action: { case: "amend" as const, value: wanted } };
    };
    stream.send({ batch: 1n, items: [reduce, amend("8.00"), amend("2.00"), amend("4.00")] });
    const { results } = await stream.read();
    expect(results.map((one) => one.error?.reason ?? one.order!.held)).toEqual([
      "300.30000000",
      "2402.40000000",
      "600.60000000",
      "1201.20000000",
    ]);
    expect(await served.balance(trader.id, quote)).toEqual(["2798.80000000", "1201.20000000"]);
    await trader.cancel(order!.id);
    expect(await served.balance(trader.id, quote)).toEqual(["4000.00000000", "0.00000000"]);
    stream.close();
  });

  test("takes off once what is asked for twice, and holds more where an item needs it", async () => {
    const { symbol, quote } = await at.list();
    const trader = await at.trader([quote, "1000"]);
    const stream = open(trader);
    const { order } = await trader.limit(symbol, "buy 1.00 at 50.00");
    const orderId = order!.id;
    const less = { case: "reduce" as const, value: { orderId, size: "0.10" } };
    const reduce = { requestId: newId(), action: less };
    const more = { case: "amend" as const, value: { orderId, size: "2.00" } };
    const amend = { requestId: newId(), action: more };
    stream.send({ batch: 1n, items: [reduce, amend, { ...reduce, requestId: newId() }] });
    stream.send({ batch: 2n, items: [reduce] });
    const [one, two] = [await stream.read(), await stream.read()];
    expect(one.results.map((result) => result.order?.size)).toEqual(["0.90", "2.00", "1.90"]);
    expect(two.results[0]!.order!.id).toBe(orderId);
    expect(await served.balance(trader.id, quote)).toEqual(["905.00000000", "95.00000000"]);
    stream.close();
  });

  test.each(["close", "leave"] as const)(
    "cancels its orders when its client comes to %s",
    async (how) => {
      const { symbol, quote } = await at.list();
      const trader = await at.trader([quote, "1000"]);
      const kept = await trader.limit(symbol, "buy 1.00 at 50.00");
      const stream = open(trader);
      const items = [place(symbol, "buy 1.00 at 51.00"), place(symbol, "buy 1.00 at 52.00")];
      stream.send({ batch: 1n, items, cancelOnDisconnect: true });
      await stream.read();
      stream[how]();
      const live = async () => {
        const states = [Order_State.NEW];
        const { orders } = await trader.orders().listOrders({ states }, trader.options);
        return orders.map(({ id }) => id);
      };
      await expect.poll(live).toEqual([kept.order!.id]);
      await expect
        .poll(async () => served.balance(trader.id, quote))
        .toEqual(["950.00000000", "50.00000000"]);
    },
  );
});

test("those who watch see what lives, and then each change and fill", async () => {
  const { symbol, base, quote } = await at.list();
  const [maker, taker] = [await at.trader([base, "10"]), await at.trader([quote, "1000"])];
  const { order } = await maker.limit(symbol, "sell 2.00 at 50.00");
  const leaving = new AbortController();
  const options = { ...maker.options, signal: leaving.signal };
  const stream = maker.orders().watchOrders({ market: symbol }, options)[Symbol.asyncIterator]();
  const first = (await stream.next()).value!;
  expect([first.isSnapshot, first.orders]).toEqual([true, [order]]);
  await taker.limit(symbol, "buy 0.50 at 50.00");
  const second = (await stream.next()).value!;
  expect(second).toMatchObject({
    isSnapshot: false,
    orders: [{ id: order!.id, openSize: "1.50" }],
    fills: [{ orderId: order!.id, size: "0.50", isTaker: false }],
  });
  await maker.cancel(order!.id);
  expect((await stream.next()).value!.orders.map(stateOf)).toEqual(["CANCELLED"]);
  leaving.abort();
  const unknown = maker.orders().watchOrders({ market: "NO-MARKET" }, maker.options);
  expect(await reasonIn(unknown[Symbol.asyncIterator]().next())).toBe("MARKET_NOT_FOUND");
});
