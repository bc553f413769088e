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
const { ACCOUNT: BY_ACCOUNT, ORDER, SESSION: IN_SESSION, TIER: AT_TIER } = commandWords;
const { LOTS: WANTED_LOTS, PRICE: WANTED_PRICE, RESERVE: WANTED_RESERVE } = commandWords;
const { EXPIRE_MS: WANTED_EXPIRE_MS, QUOTE: WANTED_QUOTE, TERMS: WANTED_TERMS } = commandWords;
const { STOP_PRICE: WANTED_STOP_PRICE, VISIBLE: WANTED_VISIBLE } = commandWords;

/** Makes the row of a new order from the first leg of a record; nobody knows of it yet. */
export function newOrder(shard: Shard, market: Market, record: commandWords.CommandRecord): number {
  const order = shard.orders.take();
  const { words, reals } = shard.orders;
  const from = record.words;
  const [account, tier] = [from[BY_ACCOUNT]!, from[AT_TIER]!];
  if (account === 0 || tier === 0) throw new Error("nobody pays for an order");
  const [row, lots] = [order >> 1, record.reals[WANTED_LOTS]!];
  for (let real = 0; real < ORDER_WORDS / 2; real++) reals[row + real] = 0;
  for (let word = 0; word < 4; word++) words[order + ID + word] = from[ORDER + word]!;
  reals[row + LOTS] = lots;
  reals[row + REMAINING] = lots;
  words[order + ACCOUNT] = account;
  words[order + TERMS] = from[WANTED_TERMS]!;
  words[order + TIER] = tier;
  words[order + PRICE] = from[WANTED_PRICE]!;
  words[order + RESERVE] = from[WANTED_RESERVE]!;
  words[order + SESSION] = from[IN_SESSION]!;
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
    words[more + QUOTE + word] = from[WANTED_QUOTE + word]!;
    words[more + HOLD + word] = from[ORDER + word]!;
  }
  words[more + STOP_PRICE] = from[WANTED_STOP_PRICE]!;
  reals[(more >> 1) + EXPIRE_MS] = record.reals[WANTED_EXPIRE_MS]!;
  reals[(more >> 1) + VISIBLE] = record.reals[WANTED_VISIBLE]!;
  const orders = shard.orders.words;
  orders[order + EXTRA] = more;
  if (record.reals[WANTED_VISIBLE] !== 0) orders[order + TERMS]! |= ICEBERG;
  if (!isZero(from, WANTED_QUOTE)) orders[order + TERMS]! |= BY_AMOUNT | HAS_MORE;
}

function hasExtra({ words, reals }: commandWords.CommandRecord): boolean {
  return (
    timeInForceOf(words[WANTED_TERMS]!) === GTD ||
    words[WANTED_STOP_PRICE] !== 0 ||
    reals[WANTED_EXPIRE_MS] !== 0 ||
    reals[WANTED_VISIBLE] !== 0 ||
    !isZero(words, WANTED_QUOTE)
  );
}
