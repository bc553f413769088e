import * as extraWords from "./extras.ts";
import * as factWords from "./facts.ts";
import type { Market } from "./market.ts";
import * as orderWords from "./orders.ts";
import { STOP_ORDERS } from "./positions.ts";
import type { Shard } from "./shard.ts";
import { GTD, timeInForceOf, triggersUp } from "./terms.ts";

const { HEAP, SIBLING } = extraWords;
const { ACCOUNT, TERMS } = factWords;
const { EXTRA, HAS_SIBLING, IN_BOOK, KEY, LISTED, NEXT, PLACE_MASK, POSITION, PREVIOUS, READY } =
  orderWords;

/** Makes an order known by its id and to its account: it is to stay when the command is over. */
export function listOrder(shard: Shard, market: Market, order: number): void {
  const { words } = shard.orders;
  const account = words[order + ACCOUNT]!;
  const terms = words[order + TERMS]! | LISTED;
  words[order + TERMS] = terms;
  words[order + POSITION] = shard.positions.open(account, market.number);
  shard.ids.add(order);
  shard.accounts.append(account, order);
  if (timeInForceOf(terms) === GTD) shard.expiries.add(order);
  market.liveOrders++;
}

/** Forgets an order that is over: its row is free. */
export function forgetOrder(shard: Shard, market: Market, order: number): void {
  leavePlace(shard, market, order);
  const { words } = shard.orders;
  if ((words[order + TERMS]! & LISTED) !== 0) unlist(shard, market, order);
  const key = words[order + KEY]!;
  if (key !== 0) shard.keys.end(key, shard.atMs);
  const extra = words[order + EXTRA]!;
  if (extra !== 0) {
    unlinkSibling(shard, order);
    shard.extras.give(extra);
  }
  shard.orders.give(order);
}

/** Takes an order out of where it is: the book, the stops or the ready queue. */
export function leavePlace(shard: Shard, market: Market, order: number): void {
  const { words } = shard.orders;
  const terms = words[order + TERMS]!;
  const place = terms & PLACE_MASK;
  if (place === 0) return;
  if (place === IN_BOOK) market.sideOf(terms).remove(order);
  else leaveStops(shard, market, order);
  words[order + TERMS] = terms & ~PLACE_MASK;
}

/** Counts a stop that begins to wait, or no longer does: by 1 or by -1. */
export function countStop(shard: Shard, order: number, by: number): void {
  shard.waitingStops += by;
  shard.positions.rows.words[shard.orders.words[order + POSITION]! + STOP_ORDERS]! += by;
}

function leaveStops(shard: Shard, market: Market, order: number): void {
  const { words } = shard.orders;
  const terms = words[order + TERMS]!;
  countStop(shard, order, -1);
  if ((terms & PLACE_MASK) === READY) leaveReady(shard, market, order);
  else if (triggersUp(terms)) market.rising.remove(order);
  else market.falling.remove(order);
}

function leaveReady(shard: Shard, market: Market, order: number): void {
  const { words } = shard.orders;
  const next = words[order + NEXT]!;
  const previous = words[order + PREVIOUS]!;
  if (previous === 0) market.readyHead = next;
  else words[previous + NEXT] = next;
  if (next === 0) market.readyTail = previous;
  else words[next + PREVIOUS] = previous;
}

function unlist(shard: Shard, market: Market, order: number): void {
  const { words } = shard.orders;
  shard.ids.delete(order);
  shard.accounts.remove(words[order + ACCOUNT]!, order);
  shard.positions.close(words[order + POSITION]!);
  const extra = words[order + EXTRA]!;
  if (extra !== 0 && shard.extras.words[extra + HEAP] !== 0) shard.expiries.remove(order);
  market.liveOrders--;
}

function unlinkSibling(shard: Shard, order: number): void {
  const { words } = shard.orders;
  if ((words[order + TERMS]! & HAS_SIBLING) === 0) return;
  const sibling = shard.extras.words[words[order + EXTRA]! + SIBLING]!;
  words[sibling + TERMS]! &= ~HAS_SIBLING;
  shard.extras.words[words[sibling + EXTRA]! + SIBLING] = 0;
}
