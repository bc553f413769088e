import { strict as assert } from "node:assert";
import * as command from "./command-record.ts";
import { Market } from "./market.ts";
import { RULES_COUNT } from "./rules.ts";
import type { Shard } from "./shard.ts";

/** Makes an account known, or changes its trade group. */
export function setAccount(shard: Shard, { words }: command.CommandRecord): void {
  shard.accounts.set(words[command.ACCOUNT]!, words[command.GROUP]!, words, command.ORDER);
}

/** Makes a fee tier known. */
export function addTier(shard: Shard, { words, reals }: command.CommandRecord): void {
  shard.tiers.add(words[command.TIER]!, {
    maker: { ppm: words[command.PRICE]!, perLot: reals[command.PER_LOT]! },
    taker: { ppm: words[command.PRICE + 1]!, perLot: reals[command.PER_LOT + 1]! },
  });
}

/** Lists a market, or changes its rules, from which its reference is taken anew. */
export function setMarket(shard: Shard, { words, reals }: command.CommandRecord): void {
  const number = words[command.MARKET]!;
  assert(number >= 1 && number <= shard.markets.length, "markets are numbered in order");
  shard.markets[number] ??= new Market(number, shard);
  const market = shard.markets[number];
  for (let rule = 0; rule < RULES_COUNT; rule++) market.rules[rule] = reals[command.RULES + rule]!;
  market.stpModes = words[command.PRICE]!;
  market.refresh(shard.second);
}
