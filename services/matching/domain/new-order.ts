import { strict as assert } from "node:assert";
import * as commandWords from "./command-record.ts";
import * as extraWords from "./extras.ts";
import * as factWords from "./facts.ts";
import type { Market } from "./market.ts";
import * as orderWords from "./orders.ts";
import type { Shard } from "./shard.ts";
import { GTD, timeInForceOf } from "./terms.ts";
import { isZero } from "./words.ts";

const { EXPIRE_MS, EXTRA_WORDS, HOLD, QUOTE, STOP_PRICE, VISIBLE } = extraWords;
const { ACCOUNT, HAS_MORE, ID, PRICE, REMAINING, RESERVE, TERMS, TIER } = factWords;
const { BY_AMOUNT, EXTRA, ICEBERG, LOTS, MARKET, ORDER_WORDS, SESSION } = orderWords;

/** Makes the row of a new order from the first leg of a record; nobody knows of it yet. */
export function newOrder(shard: Shard, market: Market, record: commandWords.CommandRecord): number {
  const order = shard.orders.take();
  const { words, reals } = shard.orders;
  const from = record.words;
  assert(
    from[commandWords.ACCOUNT] !== 0 && from[commandWords.TIER] !== 0,
    "somebody pays for an order",
  );
  for (let word = 0; word < ORDER_WORDS; word++) words[order + word] = 0;
  for (let word = 0; word < 4; word++) {
    words[order + ID + word] = from[commandWords.ORDER + word]!;
  }
  const lots = record.reals[commandWords.LOTS]!;
  reals[(order >> 1) + LOTS] = lots;
  reals[(order >> 1) + REMAINING] = lots;
  words[order + ACCOUNT] = from[commandWords.ACCOUNT]!;
  words[order + TERMS] = from[commandWords.TERMS]!;
  words[order + TIER] = from[commandWords.TIER]!;
  words[order + PRICE] = from[commandWords.PRICE]!;
  words[order + RESERVE] = from[commandWords.RESERVE]!;
  words[order + SESSION] = from[commandWords.SESSION]!;
  words[order + MARKET] = market.number;
  if (hasExtra(record)) addExtra(shard, order, record);
  return order;
}

/** Gives an order a row of rare fields. */
export function addExtra(shard: Shard, order: number, record: commandWords.CommandRecord): void {
  const more = shard.extras.take();
  const { words, reals } = shard.extras;
  const from = record.words;
  words.fill(0, more, more + EXTRA_WORDS);
  for (let word = 0; word < 4; word++) {
    words[more + QUOTE + word] = from[commandWords.QUOTE + word]!;
    words[more + HOLD + word] = from[commandWords.ORDER + word]!;
  }
  words[more + STOP_PRICE] = from[commandWords.STOP_PRICE]!;
  reals[(more >> 1) + EXPIRE_MS] = record.reals[commandWords.EXPIRE_MS]!;
  reals[(more >> 1) + VISIBLE] = record.reals[commandWords.VISIBLE]!;
  const orders = shard.orders.words;
  orders[order + EXTRA] = more;
  if (record.reals[commandWords.VISIBLE] !== 0) orders[order + TERMS]! |= ICEBERG;
  if (!isZero(from, commandWords.QUOTE)) orders[order + TERMS]! |= BY_AMOUNT | HAS_MORE;
}

function hasExtra({ words, reals }: commandWords.CommandRecord): boolean {
  return (
    timeInForceOf(words[commandWords.TERMS]!) === GTD ||
    words[commandWords.STOP_PRICE] !== 0 ||
    reals[commandWords.EXPIRE_MS] !== 0 ||
    reals[commandWords.VISIBLE] !== 0 ||
    !isZero(words, commandWords.QUOTE)
  );
}
