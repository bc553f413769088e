import { emitPrevented } from "./emit.ts";
import { endSibling } from "./end-order.ts";
import * as eventWords from "./event-words.ts";
import * as factWords from "./facts.ts";
import { forgetOrder } from "./list-order.ts";
import type { Market } from "./market.ts";
import * as orderWords from "./orders.ts";
import { countRelease } from "./releases.ts";
import type { Shard } from "./shard.ts";
import { takeOff } from "./take-off.ts";
import { stpOf } from "./terms.ts";

const { HEAD, LOTS, MAKER_ENDS, NUMBER, PRICE: EVENT_PRICE, TAKER_ENDS } = eventWords;
const { ACCOUNT, PRICE, REMAINING, TERMS } = factWords;
const { BY_AMOUNT } = orderWords;

// Places in STP_MODES.
const NONE = 0;
export const EXPIRE_MAKER = 2;
const EXPIRE_BOTH = 3;
const DECREMENT = 4;

/** The trade group whose orders a taker may not trade with; -1 when it may with all (section 4). */
export function groupToPrevent(shard: Shard, taker: number): number {
  const { words } = shard.orders;
  if (stpOf(words[taker + TERMS]!) === NONE) return -1;
  return shard.accounts.groupOf(words[taker + ACCOUNT]!);
}

/** Does to two orders of one group what the taker's mode says; whether the taker is over. */
export function prevent(shard: Shard, market: Market, taker: number, maker: number): boolean {
  const { words, reals } = shard.orders;
  const mode = stpOf(words[taker + TERMS]!);
  const takerLots = lostByTaker(shard, taker, maker);
  const makerLots = lostByMaker(shard, taker, maker);
  lose(shard, market, taker, takerLots);
  lose(shard, market, maker, makerLots);
  const at = emitPrevented(shard, market, taker, maker);
  const takerEnds = reals[(taker >> 1) + REMAINING] === 0;
  const makerEnds = reals[(maker >> 1) + REMAINING] === 0;
  const detail = mode | (takerEnds ? TAKER_ENDS : 0) | (makerEnds ? MAKER_ENDS : 0);
  const log = shard.events;
  log.words[at + HEAD]! |= detail << 8;
  log.words[at + EVENT_PRICE] = words[maker + PRICE]!;
  log.reals[(at >> 1) + LOTS] = takerLots;
  log.reals[(at >> 1) + NUMBER] = makerLots;
  if (makerEnds) forgetOrder(shard, market, maker);
  if (takerEnds) forgetOrder(shard, market, taker);
  return takerEnds;
}

function lostByTaker({ orders }: Shard, taker: number, maker: number): number {
  const { words, reals } = orders;
  const terms = words[taker + TERMS]!;
  const remaining = reals[(taker >> 1) + REMAINING]!;
  if (stpOf(terms) === EXPIRE_MAKER) return 0;
  if (!decrements(terms)) return remaining;
  return Math.min(remaining, reals[(maker >> 1) + REMAINING]!);
}

function lostByMaker({ orders }: Shard, taker: number, maker: number): number {
  const { words, reals } = orders;
  const terms = words[taker + TERMS]!;
  const remaining = reals[(maker >> 1) + REMAINING]!;
  const mode = stpOf(terms);
  if (mode === EXPIRE_MAKER || mode === EXPIRE_BOTH) return remaining;
  return decrements(terms) ? Math.min(remaining, reals[(taker >> 1) + REMAINING]!) : 0;
}

/** An order by amount has no quantity to decrement: it ends. */
function decrements(terms: number): boolean {
  return stpOf(terms) === DECREMENT && (terms & BY_AMOUNT) === 0;
}

function lose(shard: Shard, market: Market, order: number, lots: number): void {
  if (lots === 0) return;
  endSibling(shard, market, order);
  takeOff(shard, order, lots);
  countRelease(shard, order);
}
