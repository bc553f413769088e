import { CLOSED, emitState, EXPIRED } from "./emit.ts";
import { endOrder, INSUFFICIENT_LIQUIDITY, IOC_REMAINDER, PRICE_BAND, USER } from "./end-order.ts";
import * as factWords from "./facts.ts";
import * as levelWords from "./levels.ts";
import { forgetOrder, listOrder } from "./list-order.ts";
import { HALT, type Market } from "./market.ts";
import * as orderWords from "./orders.ts";
import { groupToPrevent, prevent } from "./prevent.ts";
import type { Shard } from "./shard.ts";
import { BUY, isMarketType, isResting, MARKET_ORDER, sideOf, typeOf } from "./terms.ts";
import { showPart, trade, tradedLots } from "./trade.ts";

const { HEAD } = levelWords;
const { ACCOUNT, FILLED_LOTS, PRICE, REMAINING, RESERVE, TERMS } = factWords;
const { BY_AMOUNT, ICEBERG, IN_BOOK, LISTED } = orderWords;

// Why a taker stops.
const FILLED = 0;
const NO_LIQUIDITY = 1;
const OUTSIDE_BAND = 2;
const AMOUNT_USED = 3;
const PREVENTED = 4;

/** Lets an order take what it can, and then rest or end (section 2). */
export function enterAsTaker(shard: Shard, market: Market, order: number): void {
  const terms = shard.orders.words[order + TERMS]!;
  const stop = take(shard, market, order);
  if (stop === PREVENTED) return;
  if ((terms & BY_AMOUNT) !== 0) endByAmount(shard, market, order, stop);
  else if (stop === FILLED) forgetOrder(shard, market, order);
  else if (stop === OUTSIDE_BAND) halt(shard, market, order);
  else if (isMarketType(terms)) {
    endOrder(shard, market, order, EXPIRED | (INSUFFICIENT_LIQUIDITY << 8));
  } else if (isResting(terms)) rest(shard, market, order);
  else endOrder(shard, market, order, EXPIRED | (IOC_REMAINDER << 8));
}

/** Trades with one maker after the other. */
function take(shard: Shard, market: Market, taker: number): number {
  const { words, reals } = shard.orders;
  const terms = words[taker + TERMS]!;
  const side = market.oppositeOf(terms);
  const limit = limitOf(words, taker);
  if (!side.isMetBy(limit)) return NO_LIQUIDITY;
  const own = groupToPrevent(shard, taker);
  for (;;) {
    if (side.best === 0 || !side.isMetBy(limit)) return NO_LIQUIDITY;
    const isInBand = side.bestPrice >= market.bandLow && side.bestPrice <= market.bandHigh;
    if (!isInBand) return isMarketType(terms) ? NO_LIQUIDITY : OUTSIDE_BAND;
    const maker = shard.levels.words[side.best + HEAD]!;
    const isByAmount = (terms & BY_AMOUNT) !== 0;
    if (isByAmount && tradedLots(shard, market, taker, maker) === 0) return AMOUNT_USED;
    if (own === -1 || own !== shard.accounts.groupOf(words[maker + ACCOUNT]!)) {
      trade(shard, market, taker, maker);
    } else if (prevent(shard, market, taker, maker)) {
      return PREVENTED;
    }
    if (reals[(taker >> 1) + REMAINING] === 0) return FILLED;
  }
}

/** The worst price that a taker takes. */
function limitOf(words: Int32Array, taker: number): number {
  const terms = words[taker + TERMS]!;
  if (!isMarketType(terms) || typeOf(terms) === MARKET_ORDER) return words[taker + PRICE]!;
  if (sideOf(terms) !== BUY) return 1;
  return words[taker + RESERVE]! || HIGHEST;
}

/** Puts what is left of an order into the book, behind all of its price. */
function rest(shard: Shard, market: Market, order: number): void {
  const { words } = shard.orders;
  if ((words[order + TERMS]! & LISTED) === 0) listOrder(shard, market, order);
  const terms = words[order + TERMS]!;
  if ((terms & ICEBERG) !== 0) showPart(shard, order);
  market.sideOf(terms).append(order, words[order + PRICE]!);
  words[order + TERMS] = terms | IN_BOOK;
}

/** An order by amount is done when it can trade no lot more, and expires when nobody offers one. */
function endByAmount(shard: Shard, market: Market, order: number, stop: number): void {
  const isDone = stop !== NO_LIQUIDITY && shard.orders.reals[(order >> 1) + FILLED_LOTS]! > 0;
  const how = isDone ? CLOSED | (USER << 8) : EXPIRED | (INSUFFICIENT_LIQUIDITY << 8);
  endOrder(shard, market, order, how);
}

/** Past the price band the rest of the taker expires and the market stands still (BOOK-6). */
function halt(shard: Shard, market: Market, order: number): void {
  endOrder(shard, market, order, EXPIRED | (PRICE_BAND << 8));
  market.state = HALT;
  emitState(shard, market);
}

/** Above all prices of a market, but below that of an empty side. */
const HIGHEST = 2 ** 31 - 2;
