import { strict as assert } from "node:assert";
import * as commandWords from "./command-record.ts";
import { Market } from "./market.ts";
import { RULES_COUNT } from "./rules.ts";
import type { Shard } from "./shard.ts";

/** Makes an account known, or changes its trade group. */
export function setAccount(shard: Shard, { words }: commandWords.CommandRecord): void {
  shard.accounts.set(
    words[commandWords.ACCOUNT]!,
    words[commandWords.GROUP]!,
    words,
    commandWords.ORDER,
  );
}

/** Makes a fee tier known. */
export function addTier(shard: Shard, { words, reals }: commandWords.CommandRecord): void {
  shard.tiers.add(words[commandWords.TIER]!, {
    maker: { ppm: words[commandWords.PRICE]!, perLot: reals[commandWords.PER_LOT]! },
    taker: { ppm: words[commandWords.PRICE + 1]!, perLot: reals[commandWords.PER_LOT + 1]! },
  });
}

/** Lists a market, or changes its rules, from which its reference is taken anew. */
export function setMarket(shard: Shard, { words, reals }: commandWords.CommandRecord): void {
  const number = words[commandWords.MARKET]!;
  assert(number >= 1 && number <= shard.markets.length, "markets are numbered in order");
  shard.markets[number] ??= new Market(number, shard);
  const market = shard.markets[number];
  for (let rule = 0; rule < RULES_COUNT; rule++)
    market.rules[rule] = reals[commandWords.RULES + rule]!;
  market.stpModes = words[commandWords.PRICE]!;
  market.refresh(shard.second);
}
