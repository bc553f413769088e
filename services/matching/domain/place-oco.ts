import { isValidOrder } from "./check-combination.ts";
import { checkEntry, checkId, checkTerms } from "./check-order.ts";
import { hasKey, isSameKey } from "./client-keys.ts";
import * as at from "./command-record.ts";
import { HOLD, SIBLING } from "./extras.ts";
import { HAS_MORE, TERMS } from "./facts.ts";
import { listOrder } from "./list-order.ts";
import type { Market } from "./market.ts";
import { addExtra, newOrder } from "./new-order.ts";
import { EXTRA, HAS_SIBLING } from "./orders.ts";
import { accept, reject } from "./place.ts";
import { DUPLICATE_CLIENT_ORDER_ID, DUPLICATE_ORDER, INVALID_COMBINATION } from "./refusals.ts";
import type { Shard } from "./shard.ts";
import { waitForStop } from "./stops.ts";
import { enterAsTaker } from "./take.ts";
import { isResting, isStopType, LIMIT_ORDER, sideOf, typeOf } from "./terms.ts";
import { isSameId, isZero } from "./words.ts";

/** Places two orders of which one happens; or says why not. */
export function placeOco(shard: Shard, market: Market, record: at.CommandRecord): number {
  const refusal = checkOco(shard, market, record);
  if (refusal === DUPLICATE_ORDER) return refusal;
  const limit = newOrder(shard, market, record);
  const stop = newOrder(shard, market, shard.leg);
  link(shard, record, limit, stop);
  if (refusal !== 0) {
    reject(shard, market, limit, refusal);
    reject(shard, market, stop, refusal);
    return refusal;
  }
  accept(shard, market, limit, record);
  accept(shard, market, stop, shard.leg);
  listOrder(shard, market, limit);
  listOrder(shard, market, stop);
  waitForStop(shard, market, stop);
  enterAsTaker(shard, market, limit);
  return 0;
}

/** Why an OCO is refused: what holds for its limit leg, else for its stop leg; or 0. */
export function checkOco(shard: Shard, market: Market, record: at.CommandRecord): number {
  const { leg } = shard;
  copyStop(record, leg);
  if (checkId(shard, record) !== 0 || checkId(shard, leg) !== 0) return DUPLICATE_ORDER;
  if (isSameId(record.words, at.ORDER, leg.words, at.ORDER)) return DUPLICATE_ORDER;
  const isValid = isPair(record, leg);
  const refusal = checkLeg(shard, market, record, isValid);
  if (refusal !== 0) return refusal;
  const hasOneKey = hasKey(record) && isSameKey(record, leg);
  return hasOneKey ? DUPLICATE_CLIENT_ORDER_ID : checkLeg(shard, market, leg, isValid);
}

function checkLeg(
  shard: Shard,
  market: Market,
  leg: at.CommandRecord,
  isValidPair: boolean,
): number {
  const refusal = checkEntry(shard, market, leg);
  if (refusal !== 0) return refusal;
  if (!isValidPair || !isValidOrder(market, leg, shard.atMs)) return INVALID_COMBINATION;
  return checkTerms(shard, market, leg, 2);
}

/** Whether two orders may be the legs of an OCO: a limit and a stop of one quantity. */
function isPair(limit: at.CommandRecord, stop: at.CommandRecord): boolean {
  const limitTerms = limit.words[at.TERMS]!;
  const stopTerms = stop.words[at.TERMS]!;
  return (
    typeOf(limitTerms) === LIMIT_ORDER &&
    isResting(limitTerms) &&
    isStopType(stopTerms) &&
    sideOf(limitTerms) === sideOf(stopTerms) &&
    limit.reals[at.LOTS] === stop.reals[at.LOTS] &&
    limit.words[at.TIER] === stop.words[at.TIER] &&
    isZero(stop.words, at.QUOTE)
  );
}

/** Makes the stop leg of a record the first leg of another. */
function copyStop({ words: from, reals }: at.CommandRecord, to: at.CommandRecord): void {
  const { words } = to;
  for (let word = at.ORDER; word < at.LEG_WORDS; word++) words[word] = from[word + at.LEG_WORDS]!;
  words[at.MARKET] = from[at.MARKET]!;
  words[at.ACCOUNT] = from[at.ACCOUNT]!;
  words[at.SESSION] = from[at.SESSION]!;
  to.reals[at.POSITION] = reals[at.POSITION]!;
}

/** Makes two new orders know each other, and that the hold has the limit leg's id. */
function link(shard: Shard, record: at.CommandRecord, limit: number, stop: number): void {
  const { words } = shard.orders;
  if (words[limit + EXTRA] === 0) addExtra(shard, limit, record);
  if (words[stop + EXTRA] === 0) addExtra(shard, stop, shard.leg);
  const extras = shard.extras.words;
  extras[words[limit + EXTRA]! + SIBLING] = stop;
  extras[words[stop + EXTRA]! + SIBLING] = limit;
  for (let word = 0; word < 4; word++) {
    extras[words[stop + EXTRA]! + HOLD + word] = record.words[at.ORDER + word]!;
  }
  words[limit + TERMS]! |= HAS_SIBLING;
  words[stop + TERMS]! |= HAS_SIBLING | HAS_MORE;
}
