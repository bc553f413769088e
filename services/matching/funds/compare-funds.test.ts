import { setImmediate } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { hexOf, newId } from "#mesh/ids.ts";
import { FUNDS_DIFFER_MS } from "#mesh/limits.ts";
import type { OrderView } from "../domain/order-view.ts";
import { testFunds } from "../testing/test-funds.ts";
import { createCompareFunds } from "./compare-funds.ts";
import { needsOf } from "./needs.ts";

const world = await testFunds();
const { books, clock, means } = world;
afterAll(async () => world[Symbol.asyncDispose]());

/** Accounts with their orders; the first is the account 1. */
const accounts: { readonly ownerId: string; readonly orders: Partial<OrderView>[] }[] = [];

const none = { filledLots: 0, filledUnits: 0, takerLots: 0, takerUnits: 0, quoteMinor: 0n };
const buy = (lots: number, price: number): Partial<OrderView> => {
  const order = hexOf(newId());
  const terms = { side: "BUY", remaining: lots, reservePrice: price } as const;
  return { ...none, ...terms, order, hold: order, market: 1, tier: 1 };
};
const sell = (lots: number): Partial<OrderView> => ({ ...buy(lots, 0), side: "SELL" });

const engine = {
  get accounts() {
    return accounts.length;
  },
  account: (account: number) => ({ owner: hexOf(accounts[account - 1]!.ownerId), group: account }),
  ordersOf: (account: number, _: number, limit: number, after?: string) => {
    const { orders } = accounts[account - 1]!;
    const from = after === undefined ? 0 : 1 + orders.findIndex(({ order }) => order === after);
    return orders.slice(from, from + limit);
  },
  order: (id: string) => accounts.flatMap(({ orders }) => orders).find(({ order }) => order === id),
  tier: () => ({ maker: { ppm: 500, perLot: 0 }, taker: { ppm: 1000, perLot: 0 } }),
};
const compare = createCompareFunds(
  { ...means, writer: { ...means.writer, engine } as unknown as typeof means.writer },
  () => clock.ms,
);
const of = (ownerId: string, asset: string) => ({ ownerId, asset });

function open(orders: Partial<OrderView>[], held: { USDT?: bigint; BTC?: bigint }): string {
  const ownerId = newId();
  accounts.push({ ownerId, orders });
  for (const [asset, minor] of Object.entries(held)) {
    books.charge(of(ownerId, asset), asset === "BTC" ? 8 : 6, 0n);
    books.disturb(of(ownerId, asset), minor);
  }
  return ownerId;
}

test("needs are added up by asset, and two linked orders need the larger of theirs once", async () => {
  const linked = buy(10, 200);
  accounts.push({
    ownerId: newId(),
    orders: [
      linked,
      { ...linked, order: hexOf(newId()), reservePrice: 300 },
      buy(1, 1000),
      sell(3),
      ...Array.from({ length: 1500 }, () => sell(1)),
    ],
  });
  const needs = await needsOf(engine as never, means.markets, 1);
  // 10 × 300 and 1 × 1000 ticks × lots with 0.1 %, each rounded up; 1503 lots of 10,000
  expect([...needs.byAsset]).toEqual([
    ["USDT", 3003n + 1001n],
    ["BTC", 15_030_000n],
  ]);
  expect(needs.orders).toBe(1504);
  accounts.length = 0;
});

test("others go on while a long account is read, and what ends meanwhile does not begin it anew", async () => {
  const orders = Array.from({ length: 2500 }, () => sell(1));
  accounts.push({ ownerId: newId(), orders });
  const reading = needsOf(engine as never, means.markets, 1);
  let isDone = false;
  void reading.then(() => (isDone = true));
  await setImmediate();
  expect(isDone).toBe(false);
  orders.splice(900, 100);
  expect((await reading).orders).toBe(2500);
  accounts.length = 0;
});

test("FUND-5 funds that are not what orders need are told once they have stood for a minute", async () => {
  open([buy(10, 100)], { USDT: 1001n });
  const short = open([sell(2)], { BTC: 19_999n });
  const locked = open([], { USDT: 7n });
  const busy = open([buy(10, 100)], { USDT: 1000n });
  const told = () => world.log.records.filter(({ msg }) => String(msg).startsWith("held funds"));
  expect(await compare()).toEqual([]);
  clock.ms += FUNDS_DIFFER_MS - 1;
  books.disturb(of(busy, "USDT"), -1n); // still different, and no longer the same
  expect(await compare()).toEqual([]);
  clock.ms += 1;
  const stands = [
    { account: 2, asset: "BTC", minor: -1n },
    { account: 3, asset: "USDT", minor: 7n },
  ];
  expect(await compare()).toMatchObject(stands);
  expect(await compare()).toMatchObject(stands);
  expect(told().map(({ owner, asset, minor }) => [owner, asset, minor])).toEqual([
    [short, "BTC", "-1"],
    [locked, "USDT", "7"],
  ]);
  books.disturb(of(short, "BTC"), 1n);
  books.disturb(of(locked, "USDT"), -7n);
  books.disturb(of(busy, "USDT"), 2n);
  expect(await compare()).toEqual([]);
});

test("accounts are gone through page by page, and begun anew after the last", async () => {
  accounts.length = 0;
  for (let count = 0; count < 3000; count++) open([], {});
  const last = open([], { USDT: 5n });
  await compare(); // 5,000 balances of two assets: the first 2,500 accounts
  await compare();
  clock.ms += FUNDS_DIFFER_MS;
  const stand = await compare();
  expect(stand).toMatchObject([{ account: 3001, asset: "USDT", minor: 5n }]);
  books.disturb(of(last, "USDT"), -5n);
});
