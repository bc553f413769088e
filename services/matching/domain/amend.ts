import { FEWER_LOTS, isOver, readWanted } from "./amendment.ts";
import { checkAmend } from "./check-amend.ts";
import * as commandWords from "./command-record.ts";
import { CANCELLED, emitAmended } from "./emit.ts";
import { endOrder, REDUCED } from "./end-order.ts";
import * as eventWords from "./event-words.ts";
import { STOP_PRICE } from "./extras.ts";
import * as factWords from "./facts.ts";
import { leavePlace } from "./list-order.ts";
import type { Market } from "./market.ts";
import { EXTRA, LOTS, PLACE_MASK, WAITING } from "./orders.ts";
import { shrink } from "./reduce.ts";
import { countRelease } from "./releases.ts";
import type { Shard } from "./shard.ts";
import { waitForStop } from "./stops.ts";
import { enterAsTaker } from "./take.ts";

/** Changes an order (section 6), or says why not. */
export function amend(
  shard: Shard,
  market: Market,
  order: number,
  record: commandWords.CommandRecord,
): number {
  const changes = readWanted(shard, order, record);
  const refusal = checkAmend(shard, market, order, changes);
  if (refusal !== 0 || changes === 0) return refusal;
  if (isOver(shard, order)) {
    endOrder(shard, market, order, CANCELLED | (REDUCED << 8));
  } else if (changes === FEWER_LOTS) {
    const lots = shard.orders.reals[(order >> 1) + LOTS]! - shard.wanted.reals[commandWords.LOTS]!;
    shrink(shard, market, order, lots);
  } else {
    change(shard, market, order);
  }
  return 0;
}

/** Makes an order what is wanted. It loses its place: it enters anew, and may take at once. */
function change(shard: Shard, market: Market, order: number): void {
  const { words, reals } = shard.orders;
  const isWaiting = (words[order + factWords.TERMS]! & PLACE_MASK) === WAITING;
  leavePlace(shard, market, order);
  const oldPrice = words[order + factWords.PRICE]!;
  const oldReserve = words[order + factWords.RESERVE]!;
  const oldRemaining = reals[(order >> 1) + factWords.REMAINING]!;
  write(shard, order);
  const at = emitAmended(shard, market, order);
  const log = shard.events;
  log.words[at + eventWords.PRICE] = oldPrice;
  log.words[at + eventWords.RESERVE] = oldReserve;
  log.reals[(at >> 1) + eventWords.LOTS] = oldRemaining;
  if (isWaiting) waitForStop(shard, market, order);
  else enterAsTaker(shard, market, order);
}

function write(shard: Shard, order: number): void {
  const { words, reals } = shard.orders;
  const { wanted } = shard;
  const place = order >> 1;
  const reserve = wanted.words[commandWords.RESERVE]!;
  const lots = wanted.reals[commandWords.LOTS]!;
  const isLess = lots < reals[place + LOTS]! || reserve < words[order + factWords.RESERVE]!;
  const hasExtraHold = wanted.words[commandWords.HOLD_STEP]! > 0; // which may be more than is needed now
  if (isLess || hasExtraHold) countRelease(shard, order);
  reals[place + factWords.REMAINING]! += lots - reals[place + LOTS]!;
  reals[place + LOTS] = lots;
  words[order + factWords.PRICE] = wanted.words[commandWords.PRICE]!;
  words[order + factWords.RESERVE] = reserve;
  words[order + factWords.TIER]! += factWords.ONE_AMEND;
  const extra = words[order + EXTRA]!;
  if (extra !== 0) shard.extras.words[extra + STOP_PRICE] = wanted.words[commandWords.STOP_PRICE]!;
}
