import assert from "node:assert";
import type { Engine } from "../domain/engine.ts";
import { depthOf } from "../domain/naive-book.ts";
import type { NaiveEngine } from "../domain/naive-engine.ts";
import { type NaiveMarket, type NaiveOrder, factsOf } from "../domain/naive-state.ts";

/** Fails unless both engines tell the same of all orders and books, and the fast one of itself. */
export function compareStates({ state }: NaiveEngine, engine: Engine): void {
  engine.validate();
  const live = [...state.orders.values()];
  assert.strictEqual(engine.liveOrders, live.length);
  for (const market of state.markets.values()) compareMarket(market, live, engine);
  for (const order of live) compareOrder(order, engine);
  for (const account of state.accounts.keys()) {
    const own = live.filter((order) => order.account === account);
    const told = engine.ordersOf(account, 0, own.length + 1).map(({ order }) => order);
    assert.deepStrictEqual(
      told,
      own.map(({ terms }) => terms.order),
    );
  }
  const ends = live.flatMap(({ terms }) => (terms.timeInForce === "GTD" ? [terms.expireMs] : []));
  assert.strictEqual(engine.nextExpiryMs(), Math.min(...ends));
}

const ALL = 1 << 20;

function compareMarket(market: NaiveMarket, live: readonly NaiveOrder[], engine: Engine): void {
  for (const side of ["BUY", "SELL"] as const) {
    const depth = depthOf(market, side, ALL);
    assert.deepStrictEqual(engine.depth(market.number, side, ALL), depth);
    for (const { price, lots } of depth) {
      assert.strictEqual(engine.volumeAt(market.number, side, price), lots);
    }
  }
  const { rules, reference: _, ...told } = engine.market(market.number)!;
  assert.deepStrictEqual(rules, market.rules);
  assert.deepStrictEqual(told, {
    state: market.state,
    bestBid: market.bids[0]?.price ?? 0,
    bestAsk: market.asks[0]?.price ?? 0,
    lastPrice: market.last,
    seq: market.seq,
    tradeId: market.tradeId,
    liveOrders: live.filter((order) => order.market === market).length,
  });
}

function compareOrder(order: NaiveOrder, engine: Engine): void {
  const { terms, market, session, lots, stopPrice, amends, place, sibling } = order;
  const { type, timeInForce, isPostOnly, stp, expireMs, visibleLots, clientKey } = terms;
  const known = { type, timeInForce, isPostOnly, stp, expireMs, visibleLots, clientKey };
  const now = { market: market.number, session, lots, stopPrice, amends };
  const isWaiting = place !== "BOOK";
  const told = { ...factsOf(order), ...known, ...now, isWaiting };
  if (clientKey !== "") {
    const found = engine.orderByKey(order.account, market.number, clientKey);
    assert.strictEqual(found, terms.order);
  }
  const view = engine.order(terms.order);
  assert.deepStrictEqual(view, { ...told, sibling: sibling?.terms.order ?? "" });
}
