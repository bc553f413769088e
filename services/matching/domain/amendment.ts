import * as commandWords from "./command-record.ts";
import { QUOTE, STOP_PRICE } from "./extras.ts";
import * as factWords from "./facts.ts";
import { EXTRA, LOTS } from "./orders.ts";
import type { Shard } from "./shard.ts";

// What an amendment changes, as bits.
export const NEW_PRICE = 1;
export const NEW_STOP_PRICE = 2;
export const NEW_RESERVE = 4;
export const FEWER_LOTS = 8;
export const MORE_LOTS = 16;

/**
 * Writes what an order is to be into the shard's record of it: what is wanted, or what it has.
 * Returns what would change, as bits; 0 is nothing.
 */
export function readWanted(
  shard: Shard,
  order: number,
  record: commandWords.CommandRecord,
): number {
  const { words, reals } = shard.wanted;
  const from = record.words;
  const has = shard.orders.words;
  const price = has[order + factWords.PRICE]!;
  const reserve = has[order + factWords.RESERVE]!;
  const lots = shard.orders.reals[(order >> 1) + LOTS]!;
  const wantedPrice = from[commandWords.PRICE]! || price;
  const wantedReserve = from[commandWords.RESERVE]! || reserve;
  const wantedLots = record.reals[commandWords.LOTS]! || lots;
  words[commandWords.TERMS] = has[order + factWords.TERMS]!;
  words[commandWords.PRICE] = wantedPrice;
  words[commandWords.HOLD_STEP] = from[commandWords.HOLD_STEP]!;
  for (let word = commandWords.EXTRA_HOLD; word < EXTRA_HOLD_END; word++) words[word] = from[word]!;
  words[commandWords.RESERVE] = wantedReserve;
  reals[commandWords.LOTS] = wantedLots;
  let changes = wantedPrice === price ? 0 : NEW_PRICE;
  if (wantedReserve !== reserve) changes |= NEW_RESERVE;
  if (wantedLots !== lots) changes |= wantedLots < lots ? FEWER_LOTS : MORE_LOTS;
  return readStopPrice(shard, order, record) ? changes | NEW_STOP_PRICE : changes;
}

const EXTRA_HOLD_END = commandWords.EXTRA_HOLD + 4;

/** The same for the stop price, and for the quote amount, which never changes. */
function readStopPrice(shard: Shard, order: number, record: commandWords.CommandRecord): boolean {
  const { words } = shard.wanted;
  const extra = shard.orders.words[order + EXTRA]!;
  const wanted = record.words[commandWords.STOP_PRICE]!;
  words[commandWords.STOP_PRICE] = wanted;
  if (extra === 0) return wanted !== 0;
  const extras = shard.extras.words;
  const stopPrice = extras[extra + STOP_PRICE]!;
  words[commandWords.STOP_PRICE] = wanted || stopPrice;
  for (let word = 0; word < 4; word++)
    words[commandWords.QUOTE + word] = extras[extra + QUOTE + word]!;
  return wanted !== 0 && wanted !== stopPrice;
}

/** Whether nothing would remain of the order: what is wanted is no more than what was filled. */
export function isOver(shard: Shard, order: number): boolean {
  const { reals } = shard.orders;
  const more = shard.wanted.reals[commandWords.LOTS]! - reals[(order >> 1) + LOTS]!;
  return reals[(order >> 1) + factWords.REMAINING]! + more <= 0;
}
