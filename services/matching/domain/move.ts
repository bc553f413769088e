import { checkPrice } from "./check-values.ts";
import {
  type CommandRecord,
  HOLD_STEP,
  LOTS,
  PRICE,
  RESERVE,
  STOP_PRICE,
} from "./command-record.ts";
import { emitAmended } from "./emit.ts";
import * as event from "./event-words.ts";
import * as fact from "./facts.ts";
import { type Market, TRADING } from "./market.ts";
import { HAS_SIBLING, ICEBERG, IN_BOOK, LOTS as ORDER_LOTS, PLACE_MASK } from "./orders.ts";
import { PRICE_OVER_RISK_LIMIT, TOO_MANY_AMENDS } from "./refusals.ts";
import { MAX_AMENDS } from "./rules.ts";
import type { Shard } from "./shard.ts";
import { enterAsTaker } from "./take.ts";
import { BUY, POST_ONLY, sideOf, TYPE_MASK } from "./terms.ts";

/**
 * Whether an amendment is a plain move: another price, and nothing else, of a LIMIT order in the book
 * of an open market that may trade. Most commands are; `amend` would do the same with them.
 */
export function isMove(
  shard: Shard,
  market: Market,
  order: number,
  { words: to, reals }: CommandRecord,
): boolean {
  const { words } = shard.orders;
  return (
    (words[order + fact.TERMS]! & SPECIAL) === IN_BOOK &&
    market.state === TRADING &&
    (to[RESERVE]! | to[STOP_PRICE]! | to[HOLD_STEP]!) === 0 &&
    reals[LOTS] === 0 &&
    to[PRICE] !== 0 &&
    to[PRICE] !== words[order + fact.PRICE]
  );
}

/** Moves an order to another price (section 6), or says why not. */
export function move(shard: Shard, market: Market, order: number, price: number): number {
  const { words, reals } = shard.orders;
  const terms = words[order + fact.TERMS]!;
  const refusal = checkPrice(market, price, reals[(order >> 1) + ORDER_LOTS]!);
  if (refusal !== 0) return refusal;
  if (sideOf(terms) === BUY && price > words[order + fact.RESERVE]!) return PRICE_OVER_RISK_LIMIT;
  if (words[order + fact.TIER]! >>> 16 >= market.rules[MAX_AMENDS]!) return TOO_MANY_AMENDS;
  const side = market.sideOf(terms);
  side.remove(order);
  const oldPrice = words[order + fact.PRICE]!;
  words[order + fact.PRICE] = price;
  words[order + fact.TIER]! += fact.ONE_AMEND;
  const at = emitAmended(shard, market, order);
  const log = shard.events;
  log.words[at + event.PRICE] = oldPrice;
  log.words[at + event.RESERVE] = words[order + fact.RESERVE]!;
  log.reals[(at >> 1) + event.LOTS] = reals[(order >> 1) + fact.REMAINING]!;
  if (market.oppositeOf(terms).isMetBy(price)) {
    words[order + fact.TERMS] = terms & ~PLACE_MASK;
    enterAsTaker(shard, market, order);
  } else {
    side.append(order, price);
  }
  return 0;
}

/** What makes a move anything but plain. */
const SPECIAL = PLACE_MASK | TYPE_MASK | POST_ONLY | HAS_SIBLING | ICEBERG;
