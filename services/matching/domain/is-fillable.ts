import * as factWords from "./facts.ts";
import * as levelWords from "./levels.ts";
import type { Market } from "./market.ts";
import * as orderWords from "./orders.ts";
import { EXPIRE_MAKER, groupToPrevent } from "./prevent.ts";
import type { Shard } from "./shard.ts";
import { BUY, sideOf, stpOf } from "./terms.ts";

const { HEAD, LEVEL_PRICE } = levelWords;
const { ACCOUNT, PRICE, REMAINING, TERMS } = factWords;
const { NEXT } = orderWords;

/**
 * Whether all of a FOK order would be filled at once, for no more or no less than a bound in units;
 * 0 is none. The sum is inexact above 2^53, but then it is above every bound.
 */
export function isFillable(shard: Shard, market: Market, taker: number, bound: number): boolean {
  const { words, reals } = shard.orders;
  const terms = words[taker + TERMS]!;
  const side = market.oppositeOf(terms);
  const limit = words[taker + PRICE]!;
  const own = groupToPrevent(shard, taker);
  let wanted = reals[(taker >> 1) + REMAINING]!;
  let units = 0;
  for (let level = side.best; level !== 0 && wanted > 0;) {
    const price = shard.levels.words[level + LEVEL_PRICE]!;
    const isBeyond = side.isBids ? price < limit : price > limit;
    if (isBeyond || price < market.bandLow || price > market.bandHigh) break;
    let maker = shard.levels.words[level + HEAD]!;
    for (; maker !== 0 && wanted > 0; maker = words[maker + NEXT]!) {
      const isOwn = own !== -1 && own === shard.accounts.groupOf(words[maker + ACCOUNT]!);
      if (isOwn && stpOf(terms) === EXPIRE_MAKER) continue;
      if (isOwn) return false;
      const lots = Math.min(wanted, reals[(maker >> 1) + REMAINING]!);
      wanted -= lots;
      units += lots * price;
    }
    level = side.behind(price);
  }
  if (wanted > 0) return false;
  return bound === 0 || (sideOf(terms) === BUY ? units <= bound : units >= bound);
}
