import type { CommandRecord } from "./command-record.ts";
import * as commandWords from "./command-record.ts";
import { CANCELLED, emitAmended } from "./emit.ts";
import { endOrder, REDUCED } from "./end-order.ts";
import * as eventWords from "./event-words.ts";
import * as factWords from "./facts.ts";
import type { Market } from "./market.ts";
import * as orderWords from "./orders.ts";
import { INVALID_COMBINATION, WRONG_SIZE } from "./refusals.ts";
import { countRelease } from "./releases.ts";
import type { Shard } from "./shard.ts";
import { takeOff } from "./take-off.ts";

const { LOTS } = commandWords;
const { BY_AMOUNT, HAS_SIBLING, LOTS: ORDER_LOTS } = orderWords;

/** Takes lots off an order, which keeps its place; or says why not. */
export function reduce(shard: Shard, market: Market, order: number, record: CommandRecord): number {
  const lots = record.reals[LOTS]!;
  const isFixed = (shard.orders.words[order + factWords.TERMS]! & (HAS_SIBLING | BY_AMOUNT)) !== 0;
  if (isFixed) return INVALID_COMBINATION;
  if (!Number.isSafeInteger(lots) || lots <= 0) return WRONG_SIZE;
  if (lots < shard.orders.reals[(order >> 1) + factWords.REMAINING]!)
    shrink(shard, market, order, lots);
  else endOrder(shard, market, order, CANCELLED | (REDUCED << 8));
  return 0;
}

/** Takes lots, of which there are more, off an order: part of its hold is free. */
export function shrink(shard: Shard, market: Market, order: number, lots: number): void {
  const { words, reals } = shard.orders;
  const oldRemaining = reals[(order >> 1) + factWords.REMAINING]!;
  countRelease(shard, order);
  takeOff(shard, order, lots);
  reals[(order >> 1) + ORDER_LOTS]! -= lots;
  const at = emitAmended(shard, market, order);
  const log = shard.events;
  log.words[at + eventWords.PRICE] = words[order + factWords.PRICE]!;
  log.words[at + eventWords.RESERVE] = words[order + factWords.RESERVE]!;
  log.reals[(at >> 1) + eventWords.LOTS] = oldRemaining;
}
