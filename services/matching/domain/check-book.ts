import type { CommandRecord } from "./command-record.ts";
import * as commandWords from "./command-record.ts";
import { type Market, PRE_OPEN } from "./market.ts";
import { WOULD_CROSS, WOULD_TRIGGER_IMMEDIATELY } from "./refusals.ts";
import { isStopType, POST_ONLY, triggersUp } from "./terms.ts";

const { PRICE, STOP_PRICE, TERMS } = commandWords;

/** Why the book as it is now refuses a new order (17 and 18 of section 7); or 0. */
export function checkBook(market: Market, { words }: CommandRecord): number {
  const terms = words[TERMS]!;
  if (isStopType(terms)) {
    return isTriggered(market, terms, words[STOP_PRICE]!) ? WOULD_TRIGGER_IMMEDIATELY : 0;
  }
  return wouldCross(market, terms, words[PRICE]!) ? WOULD_CROSS : 0;
}

/** Whether an order would trade that may not: a post-only one, or before the market is open. */
export function wouldCross(market: Market, terms: number, price: number): boolean {
  const mayTrade = (terms & POST_ONLY) === 0 && market.state !== PRE_OPEN;
  return !mayTrade && market.oppositeOf(terms).isMetBy(price);
}

/** Whether the condition of a stop holds at the last price; never before the first trade. */
export function isTriggered({ last }: Market, terms: number, stopPrice: number): boolean {
  if (last === 0) return false;
  return triggersUp(terms) ? last >= stopPrice : last <= stopPrice;
}
