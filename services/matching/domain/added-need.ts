import { SIDES } from "./codes.ts";
import * as commandWords from "./command-record.ts";
import { REMAINING, RESERVE, TERMS, TIER } from "./facts.ts";
import type { Market } from "./market.ts";
import { needMinor } from "./money.ts";
import { LOTS } from "./orders.ts";
import { fillsOf } from "./quote-lots.ts";
import { QUOTE_SCALE } from "./rules.ts";
import type { Shard } from "./shard.ts";
import { sideOf } from "./terms.ts";

/**
 * How much more an order by quantity would need held as it is wanted than it does now, or less where
 * it is below 0 (FUND-2): of a buy in minor units of quote, of a sell in lots.
 */
export function addedNeed(shard: Shard, { rules }: Market, order: number): bigint {
  const { words, reals } = shard.orders;
  const { wanted } = shard;
  const rates = shard.tiers.get(words[order + TIER]! & 0xffff)!;
  const scales = { baseScale: 1n, quoteScale: BigInt(rules[QUOTE_SCALE]!) };
  const now = {
    ...fillsOf(shard, order),
    side: SIDES[sideOf(words[order + TERMS]!)]!,
    quoteMinor: 0n,
    reservePrice: words[order + RESERVE]!,
    remaining: reals[(order >> 1) + REMAINING]!,
  };
  const moreLots = wanted.reals[commandWords.LOTS]! - reals[(order >> 1) + LOTS]!;
  const amended = {
    ...now,
    reservePrice: wanted.words[commandWords.RESERVE]!,
    remaining: now.remaining + moreLots,
  };
  return needMinor(amended, rates, scales) - needMinor(now, rates, scales);
}
