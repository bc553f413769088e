import { addedNeed } from "./added-need.ts";
import {
  FEWER_LOTS,
  isOver,
  MORE_LOTS,
  NEW_PRICE,
  NEW_RESERVE,
  NEW_STOP_PRICE,
} from "./amendment.ts";
import { isTriggered, wouldCross } from "./check-book.ts";
import { hasFewParts } from "./check-combination.ts";
import { checkValues } from "./check-values.ts";
import { EXTRA_HOLD, LOTS, PRICE, RESERVE, STOP_PRICE } from "./command-record.ts";
import { VISIBLE } from "./extras.ts";
import { TERMS, TIER } from "./facts.ts";
import { type Market, PRE_OPEN, TRADING } from "./market.ts";
import {
  BY_AMOUNT,
  EXTRA,
  HAS_SIBLING,
  ICEBERG,
  IN_BOOK,
  PLACE_MASK,
  READY,
  WAITING,
} from "./orders.ts";
import {
  INSUFFICIENT_FUNDS,
  INVALID_COMBINATION,
  MARKET_CLOSED,
  PRICE_OVER_RISK_LIMIT,
  TOO_MANY_AMENDS,
  WOULD_CROSS,
  WOULD_TRIGGER_IMMEDIATELY,
} from "./refusals.ts";
import { MAX_AMENDS } from "./rules.ts";
import type { Shard } from "./shard.ts";
import { BUY, isMarketType, sideOf } from "./terms.ts";
import { readAmount } from "./words.ts";

/** Why an order may not become what is wanted, with changes as bits (amendment.ts); or 0. */
export function checkAmend(shard: Shard, market: Market, order: number, changes: number): number {
  const isReduction = (changes & ~FEWER_LOTS) === 0 || isOver(shard, order);
  if (!isReduction && !isOpen(shard, market, order)) return MARKET_CLOSED;
  if (!isChangeable(shard, market, order, changes)) return INVALID_COMBINATION;
  if (isReduction) return 0;
  const hasNewValues = (changes & (NEW_PRICE | NEW_STOP_PRICE | MORE_LOTS)) !== 0;
  const refusal = hasNewValues ? checkValues(market, shard.wanted) : 0;
  return (
    refusal ||
    checkPlace(shard, market, order) ||
    checkBounds(shard, market, order) ||
    checkFunds(shard, market, order, changes)
  );
}

/** Whether what is held covers what more the order would need: it may have changed meanwhile. */
function checkFunds(shard: Shard, market: Market, order: number, changes: number): number {
  if ((changes & (MORE_LOTS | NEW_RESERVE)) === 0) return 0; // a move needs what it needed
  const isCovered = addedNeed(shard, market, order) <= readAmount(shard.wanted.words, EXTRA_HOLD);
  return isCovered ? 0 : INSUFFICIENT_FUNDS;
}

function isOpen(shard: Shard, { state }: Market, order: number): boolean {
  const isReady = (shard.orders.words[order + TERMS]! & PLACE_MASK) === READY;
  return (state === TRADING || state === PRE_OPEN) && !isReady;
}

/** Whether an order has what is to be changed. OCO legs have one hold and stay as they are. */
function isChangeable(shard: Shard, market: Market, order: number, changes: number): boolean {
  const { words } = shard.orders;
  const terms = words[order + TERMS]!;
  if ((terms & HAS_SIBLING) !== 0) return false;
  if ((changes & NEW_PRICE) !== 0 && isMarketType(terms)) return false;
  if ((changes & NEW_STOP_PRICE) !== 0 && (terms & PLACE_MASK) !== WAITING) return false;
  if ((changes & NEW_RESERVE) !== 0 && sideOf(terms) !== BUY) return false;
  const isOtherHold = (changes & (FEWER_LOTS | MORE_LOTS | NEW_RESERVE)) !== 0;
  if ((terms & BY_AMOUNT) !== 0 && isOtherHold) return false;
  if ((terms & ICEBERG) === 0) return true;
  const visible = shard.extras.reals[(words[order + EXTRA]! >> 1) + VISIBLE]!;
  return hasFewParts(market, shard.wanted.reals[LOTS]!, visible);
}

/** What the order would do where it is: trigger, or trade though it may not. */
function checkPlace(shard: Shard, market: Market, order: number): number {
  const terms = shard.orders.words[order + TERMS]!;
  const place = terms & PLACE_MASK;
  const { words } = shard.wanted;
  if (place === WAITING && isTriggered(market, terms, words[STOP_PRICE]!)) {
    return WOULD_TRIGGER_IMMEDIATELY;
  }
  return place === IN_BOOK && wouldCross(market, terms, words[PRICE]!) ? WOULD_CROSS : 0;
}

/** What its hold and the number of its amendments allow. */
function checkBounds(shard: Shard, market: Market, order: number): number {
  const { words } = shard.orders;
  const terms = words[order + TERMS]!;
  const wanted = shard.wanted.words;
  const isOverHold = sideOf(terms) === BUY && wanted[PRICE]! > wanted[RESERVE]!;
  if (isOverHold && (terms & BY_AMOUNT) === 0) return PRICE_OVER_RISK_LIMIT;
  return words[order + TIER]! >>> 16 >= market.rules[MAX_AMENDS]! ? TOO_MANY_AMENDS : 0;
}
