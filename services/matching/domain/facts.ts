import { SIDES } from "./codes.ts";
import type { OrderFacts } from "./event.ts";
import { sideOf } from "./terms.ts";
import { readAmount, readHex } from "./words.ts";

// The words of an order that its events tell, which are the first ones of its row in the book
// (orders.ts): an event has a copy of them. The first are doubles, whose places count doubles.
//
// Files on the way of most commands make such places constants of their own, `const { PRICE } =
// factWords`: those the compiler folds, while what is imported by name is read from memory each time.

export const REMAINING = 0;
export const FILLED_LOTS = 1;
export const FILLED_UNITS = 2;
export const TAKER_LOTS = 3;
export const TAKER_UNITS = 4;
/** How many doubles there are. */
export const FACT_REALS = 5;
/** Four words. */
export const ID = 10;
export const ACCOUNT = 14;
export const TERMS = 15;
/** The fee tier in the low 16 bits, the number of amendments above. */
export const TIER = 16;
export const ONE_AMEND = 1 << 16;
export const PRICE = 17;
export const RESERVE = 18;
export const RELEASES = 19;
/** How many words events copy. */
export const FACT_WORDS = 20;
/** Where eight more follow, if the terms say so: the quote amount, and the id that the hold has. */
export const HAS_MORE = 1 << 13;
export const MORE_WORDS = 8;

/** Reads what an event tells of an order. */
export function readFacts(words: Int32Array, reals: Float64Array, at: number): OrderFacts {
  const order = readHex(words, at + ID, 4);
  const hasMore = (words[at + TERMS]! & HAS_MORE) !== 0;
  const more = at + FACT_WORDS;
  return {
    order,
    account: words[at + ACCOUNT]!,
    side: SIDES[sideOf(words[at + TERMS]!)]!,
    tier: words[at + TIER]! & 0xffff,
    price: words[at + PRICE]!,
    reservePrice: words[at + RESERVE]!,
    quoteMinor: hasMore ? readAmount(words, more) : 0n,
    remaining: reals[at / 2 + REMAINING]!,
    filledLots: reals[at / 2 + FILLED_LOTS]!,
    filledUnits: reals[at / 2 + FILLED_UNITS]!,
    takerLots: reals[at / 2 + TAKER_LOTS]!,
    takerUnits: reals[at / 2 + TAKER_UNITS]!,
    releases: words[at + RELEASES]!,
    hold: hasMore ? readHex(words, more + 4, 4) : order,
  };
}
