import type { BookSide } from "./book-side.ts";
import * as extraWords from "./extras.ts";
import { FACT_WORDS, ID } from "./facts.ts";
import { Hash } from "./hash.ts";
import { HEAD, LEVEL_LOTS, LEVEL_ORDERS, LEVEL_PRICE } from "./levels.ts";
import type { Market } from "./market.ts";
import { EXTRA, KEY, LOTS, MARKET, NEXT, OWN_NEXT, SESSION } from "./orders.ts";
import { siblingOf } from "./releases.ts";
import type { Shard } from "./shard.ts";

/**
 * A hash of all that decides about what comes: in an order of its own, so that it is the same
 * whatever rows things have. 16 hex digits.
 */
export function stateHash(shard: Shard): string {
  const hash = new Hash();
  hash.real(shard.atMs);
  hash.real(shard.expiries.arrivals);
  shard.tiers.forEach(({ maker, taker }) => {
    for (const part of [maker.ppm, maker.perLot, taker.ppm, taker.perLot]) hash.real(part);
  });
  addAccounts(shard, hash);
  shard.keys.forEachEnded((row) => shard.keys.addTo(hash, row));
  for (const market of shard.markets) if (market !== undefined) addMarket(shard, market, hash);
  return hash.digits();
}

/** Each account, and the ids of its orders in order of arrival. */
function addAccounts(shard: Shard, hash: Hash): void {
  const { words } = shard.orders;
  for (let account = 1; account <= shard.accounts.count; account++) {
    shard.accounts.addTo(hash, account);
    let order = shard.accounts.oldestOf(account);
    for (; order !== 0; order = words[order + OWN_NEXT]!) hash.words(words, order + ID, 4);
    hash.word(0);
  }
}

function addMarket(shard: Shard, market: Market, hash: Hash): void {
  for (const rule of market.rules) hash.real(rule);
  for (const sum of market.average.sums) if (sum !== 0) hash.real(sum);
  const { stpModes, state, last, second, reference, seq, tradeId, liveOrders } = market;
  for (const part of [stpModes, state, last, second, reference, liveOrders]) hash.word(part);
  hash.real(seq);
  hash.real(tradeId);
  for (const side of [market.bids, market.asks, market.rising, market.falling]) {
    addSide(shard, side, hash);
  }
  addOrders(shard, market.readyHead, hash);
}

function addSide(shard: Shard, side: BookSide, hash: Hash): void {
  for (let level = side.best; level !== 0;) {
    const { words, reals } = shard.levels;
    const price = words[level + LEVEL_PRICE]!;
    hash.word(price);
    hash.word(words[level + LEVEL_ORDERS]!);
    hash.real(reals[(level >> 1) + LEVEL_LOTS]!);
    addOrders(shard, words[level + HEAD]!, hash);
    level = side.behind(price);
  }
  hash.word(0);
}

/** A chain of orders. */
function addOrders(shard: Shard, first: number, hash: Hash): void {
  const { words, reals } = shard.orders;
  for (let order = first; order !== 0; order = words[order + NEXT]!) {
    hash.words(words, order, FACT_WORDS);
    hash.real(reals[(order >> 1) + LOTS]!);
    hash.word(words[order + MARKET]!);
    hash.word(words[order + SESSION]!);
    const key = words[order + KEY]!;
    if (key !== 0) shard.keys.addTo(hash, key);
    const row = words[order + EXTRA]!;
    if (row !== 0) addExtra(shard, order, row, hash);
  }
}

function addExtra(shard: Shard, order: number, row: number, hash: Hash): void {
  const { words } = shard.extras;
  hash.words(words, row, extraWords.STOP_PRICE + 1);
  const sibling = siblingOf(shard, order);
  if (sibling !== 0) hash.words(shard.orders.words, sibling + ID, 4);
}
