import * as command from "./command-record.ts";
import { QUOTE, STOP_PRICE } from "./extras.ts";
import * as fact from "./facts.ts";
import { EXTRA } from "./orders.ts";
import type { Shard } from "./shard.ts";

// What an amendment changes, as bits.
export const NEW_PRICE = 1;
export const NEW_STOP_PRICE = 2;
export const NEW_RESERVE = 4;
export const FEWER_LOTS = 8;
export const MORE_LOTS = 16;

/** Writes what an order is to be into the shard's record of it: what is wanted, or what it has. */
export function readWanted(shard: Shard, order: number, record: command.CommandRecord): void {
  const { words, reals } = shard.wanted;
  const from = record.words;
  const has = shard.orders.words;
  const extra = has[order + EXTRA]!;
  const extras = shard.extras.words;
  words[command.TERMS] = has[order + fact.TERMS]!;
  words[command.PRICE] = from[command.PRICE]! || has[order + fact.PRICE]!;
  words[command.RESERVE] = from[command.RESERVE]! || has[order + fact.RESERVE]!;
  words[command.HOLD_STEP] = from[command.HOLD_STEP]!;
  const stopPrice = extra === 0 ? 0 : extras[extra + STOP_PRICE]!;
  words[command.STOP_PRICE] = from[command.STOP_PRICE]! || stopPrice;
  reals[command.LOTS] =
    record.reals[command.LOTS]! || shard.orders.reals[(order >> 1) + fact.LOTS]!;
  for (let word = 0; word < 4; word++) {
    words[command.QUOTE + word] = extra === 0 ? 0 : extras[extra + QUOTE + word]!;
  }
}

/** What would change, as bits; 0 is nothing. */
export function changesOf(shard: Shard, order: number): number {
  const { words, reals } = shard.wanted;
  const has = shard.orders.words;
  const extra = has[order + EXTRA]!;
  const stopPrice = extra === 0 ? 0 : shard.extras.words[extra + STOP_PRICE]!;
  const lots = shard.orders.reals[(order >> 1) + fact.LOTS]!;
  let changes = 0;
  if (words[command.PRICE] !== has[order + fact.PRICE]) changes |= NEW_PRICE;
  if (words[command.STOP_PRICE] !== stopPrice) changes |= NEW_STOP_PRICE;
  if (words[command.RESERVE] !== has[order + fact.RESERVE]) changes |= NEW_RESERVE;
  if (reals[command.LOTS]! < lots) changes |= FEWER_LOTS;
  if (reals[command.LOTS]! > lots) changes |= MORE_LOTS;
  return changes;
}

/** Whether nothing would remain of the order: what is wanted is no more than what was filled. */
export function isOver(shard: Shard, order: number): boolean {
  const { reals } = shard.orders;
  const more = shard.wanted.reals[command.LOTS]! - reals[(order >> 1) + fact.LOTS]!;
  return reals[(order >> 1) + fact.REMAINING]! + more <= 0;
}
