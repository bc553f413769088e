import { strict as assert } from "node:assert";
import * as command from "./command-record.ts";
import { EXPIRE_MS, EXTRA_WORDS, HOLD, QUOTE, STOP_PRICE, VISIBLE } from "./extras.ts";
import * as fact from "./facts.ts";
import type { Market } from "./market.ts";
import { BY_AMOUNT, EXTRA, ICEBERG, LOTS, MARKET, ORDER_WORDS, SESSION } from "./orders.ts";
import type { Shard } from "./shard.ts";
import { GTD, timeInForceOf } from "./terms.ts";
import { isZero } from "./words.ts";

/** Makes the row of a new order from the first leg of a record; nobody knows of it yet. */
export function newOrder(shard: Shard, market: Market, record: command.CommandRecord): number {
  const order = shard.orders.take();
  const { words, reals } = shard.orders;
  const from = record.words;
  assert(from[command.ACCOUNT] !== 0 && from[command.TIER] !== 0, "somebody pays for an order");
  for (let word = 0; word < ORDER_WORDS; word++) words[order + word] = 0;
  for (let word = 0; word < 4; word++) {
    words[order + fact.ID + word] = from[command.ORDER + word]!;
  }
  const lots = record.reals[command.LOTS]!;
  reals[(order >> 1) + LOTS] = lots;
  reals[(order >> 1) + fact.REMAINING] = lots;
  words[order + fact.ACCOUNT] = from[command.ACCOUNT]!;
  words[order + fact.TERMS] = from[command.TERMS]!;
  words[order + fact.TIER] = from[command.TIER]!;
  words[order + fact.PRICE] = from[command.PRICE]!;
  words[order + fact.RESERVE] = from[command.RESERVE]!;
  words[order + SESSION] = from[command.SESSION]!;
  words[order + MARKET] = market.number;
  if (hasExtra(record)) addExtra(shard, order, record);
  return order;
}

/** Gives an order a row of rare fields. */
export function addExtra(shard: Shard, order: number, record: command.CommandRecord): void {
  const extra = shard.extras.take();
  const { words, reals } = shard.extras;
  const from = record.words;
  words.fill(0, extra, extra + EXTRA_WORDS);
  for (let word = 0; word < 4; word++) {
    words[extra + QUOTE + word] = from[command.QUOTE + word]!;
    words[extra + HOLD + word] = from[command.ORDER + word]!;
  }
  words[extra + STOP_PRICE] = from[command.STOP_PRICE]!;
  reals[(extra >> 1) + EXPIRE_MS] = record.reals[command.EXPIRE_MS]!;
  reals[(extra >> 1) + VISIBLE] = record.reals[command.VISIBLE]!;
  const orders = shard.orders.words;
  orders[order + EXTRA] = extra;
  if (record.reals[command.VISIBLE] !== 0) orders[order + fact.TERMS]! |= ICEBERG;
  if (!isZero(from, command.QUOTE)) orders[order + fact.TERMS]! |= BY_AMOUNT | fact.HAS_MORE;
}

function hasExtra({ words, reals }: command.CommandRecord): boolean {
  return (
    timeInForceOf(words[command.TERMS]!) === GTD ||
    words[command.STOP_PRICE] !== 0 ||
    reals[command.EXPIRE_MS] !== 0 ||
    reals[command.VISIBLE] !== 0 ||
    !isZero(words, command.QUOTE)
  );
}
