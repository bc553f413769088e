import { strict as assert } from "node:assert";
import { ACCOUNT, ID, TERMS } from "./facts.ts";
import type { Market } from "./market.ts";
import { EXTRA, KEY, LISTED, MARKET, OWN_NEXT, OWN_PREVIOUS, POSITION, WAITING } from "./orders.ts";
import { OPEN_ORDERS, STOP_ORDERS } from "./positions.ts";
import { siblingOf } from "./releases.ts";
import type { Shard } from "./shard.ts";
import { validateBook } from "./validate-book.ts";
import { validateIndex, validateRows } from "./validate-tables.ts";

/** Throws unless links, volumes, counts and indexes agree (section 12). */
export function validate(shard: Shard): void {
  const live: number[] = [];
  const used = { levels: 0, nodes: 0 };
  for (const market of shard.markets) {
    if (market === undefined) continue;
    const orders = validateBook(shard, market, used);
    assert.equal(orders.length, market.liveOrders, "a market counts its orders");
    for (const order of orders) validateOrder(shard, market, order);
    live.push(...orders);
  }
  assert.equal(new Set(live).size, live.length, "an order is in one place");
  validateAccounts(shard, live.length);
  validateCounts(shard, live, used);
  shard.expiries.validate();
}

function validateOrder(shard: Shard, market: Market, order: number): void {
  const { words } = shard.orders;
  assert((words[order + TERMS]! & LISTED) !== 0, "an order of a book is listed");
  assert.equal(shard.ids.find(words, order + ID), order, "an order is found by its id");
  assert.equal(words[order + MARKET], market.number, "an order knows its market");
  const position = shard.positions.find(words[order + ACCOUNT]!, market.number);
  assert.equal(words[order + POSITION], position, "an order knows its account's counts");
  const key = words[order + KEY]!;
  if (key !== 0) assert(shard.keys.isOf(key, order), "a client's key leads to its order");
  const sibling = siblingOf(shard, order);
  if (sibling !== 0) assert.equal(siblingOf(shard, sibling), order, "legs know each other");
}

/** Each account lists its orders both ways. */
function validateAccounts(shard: Shard, live: number): void {
  const { words } = shard.orders;
  let listed = 0;
  for (let account = 1; account <= shard.accounts.count; account++) {
    let previous = 0;
    for (
      let order = shard.accounts.oldestOf(account);
      order !== 0;
      order = words[order + OWN_NEXT]!
    ) {
      assert.equal(words[order + OWN_PREVIOUS], previous, "neighbours know each other");
      assert.equal(words[order + ACCOUNT], account, "an account lists its own");
      previous = order;
      listed++;
    }
  }
  assert.equal(listed, live, "accounts list the live orders");
}

function validateCounts(
  shard: Shard,
  live: readonly number[],
  used: { readonly levels: number; readonly nodes: number },
): void {
  const { words } = shard.orders;
  const stops = live.filter((order) => (words[order + TERMS]! & WAITING) !== 0);
  const open = new Map<number, { orders: number; stops: number }>();
  for (const order of live) {
    const counts = open.get(words[order + POSITION]!) ?? { orders: 0, stops: 0 };
    counts.orders++;
    if ((words[order + TERMS]! & WAITING) !== 0) counts.stops++;
    open.set(words[order + POSITION]!, counts);
  }
  for (const [position, { orders, stops: waiting }] of open) {
    const counts = shard.positions.rows.words;
    assert.equal(counts[position + OPEN_ORDERS], orders, "an account's orders are counted");
    assert.equal(counts[position + STOP_ORDERS], waiting, "an account's stops are counted");
  }
  assert.equal(shard.waitingStops, stops.length, "stops are counted");
  validateRows(shard.orders, live.length);
  validateRows(shard.extras, live.filter((order) => words[order + EXTRA] !== 0).length);
  validateRows(shard.levels, used.levels);
  validateRows(shard.nodes, used.nodes);
  validateRows(shard.positions.rows, open.size);
  validateIndex(shard.ids, live.length);
  validateIndex(shard.positions.index, open.size);
  validateIndex(shard.accounts.byOwner, shard.accounts.count);
  shard.keys.validate(live.filter((order) => words[order + KEY] !== 0).length);
}
