import { checkPrice } from "./check-values.ts";
import * as commandWords from "./command-record.ts";
import { emitAmended } from "./emit.ts";
import * as eventWords from "./event-words.ts";
import * as factWords from "./facts.ts";
import { type Market, TRADING } from "./market.ts";
import * as orderWords from "./orders.ts";
import { PRICE_OVER_RISK_LIMIT, TOO_MANY_AMENDS } from "./refusals.ts";
import * as ruleNumbers from "./rules.ts";
import type { Shard } from "./shard.ts";
import { enterAsTaker } from "./take.ts";
import { BUY, POST_ONLY, sideOf, TYPE_MASK } from "./terms.ts";

const { ONE_AMEND, PRICE, REMAINING, RESERVE, TERMS, TIER } = factWords;
const { IN_BOOK, LOTS, PLACE_MASK } = orderWords;
const { HOLD_STEP, LOTS: WANTED_LOTS, STOP_PRICE } = commandWords;
const { PRICE: WANTED_PRICE, RESERVE: WANTED_RESERVE } = commandWords;
const { MAX_AMENDS } = ruleNumbers;
const { LOTS: OLD_LOTS, PRICE: OLD_PRICE, RESERVE: OLD_RESERVE } = eventWords;

/** What makes a move anything but plain. */
const SPECIAL = PLACE_MASK | TYPE_MASK | POST_ONLY | orderWords.HAS_SIBLING | orderWords.ICEBERG;

/**
 * Whether an amendment is a plain move: another price, and nothing else, of a LIMIT order in the book
 * of an open market that may trade. Most commands are; `amend` would do the same with them.
 */
export function isMove(
  shard: Shard,
  market: Market,
  order: number,
  { words: wanted, reals }: commandWords.CommandRecord,
): boolean {
  const { words } = shard.orders;
  return (
    (words[order + TERMS]! & SPECIAL) === IN_BOOK &&
    market.state === TRADING &&
    (wanted[WANTED_RESERVE]! | wanted[STOP_PRICE]! | wanted[HOLD_STEP]!) === 0 &&
    reals[WANTED_LOTS] === 0 &&
    wanted[WANTED_PRICE] !== 0 &&
    wanted[WANTED_PRICE] !== words[order + PRICE]
  );
}

/** Moves an order to another price (section 6), or says why not. */
export function move(shard: Shard, market: Market, order: number, price: number): number {
  const { words, reals } = shard.orders;
  const terms = words[order + TERMS]!;
  const refusal = checkPrice(market, price, reals[(order >> 1) + LOTS]!);
  if (refusal !== 0) return refusal;
  const reserve = words[order + RESERVE]!;
  if (price > reserve && sideOf(terms) === BUY) return PRICE_OVER_RISK_LIMIT;
  if (words[order + TIER]! >>> 16 >= market.rules[MAX_AMENDS]!) return TOO_MANY_AMENDS;
  const side = market.sideOf(terms);
  side.remove(order);
  const oldPrice = words[order + PRICE]!;
  words[order + PRICE] = price;
  words[order + TIER]! += ONE_AMEND;
  const at = emitAmended(shard, market, order);
  const log = shard.events;
  log.words[at + OLD_PRICE] = oldPrice;
  log.words[at + OLD_RESERVE] = reserve;
  log.reals[(at >> 1) + OLD_LOTS] = reals[(order >> 1) + REMAINING]!;
  if (market.oppositeOf(terms).isMetBy(price)) {
    words[order + TERMS] = terms & ~PLACE_MASK;
    enterAsTaker(shard, market, order);
  } else {
    side.append(order, price);
  }
  return 0;
}
