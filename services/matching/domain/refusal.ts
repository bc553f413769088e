import { readWanted } from "./amendment.ts";
import { checkAmend } from "./check-amend.ts";
import { AMEND, OCO, PLACE, REPLACE } from "./command-kinds.ts";
import { type CommandRecord, KIND, MARKET, ORDER } from "./command-record.ts";
import { findOwn } from "./find-own.ts";
import type { Market } from "./market.ts";
import { checkOco } from "./place-oco.ts";
import { checkPlace, checkReplace } from "./place.ts";
import { UNKNOWN_MARKET, UNKNOWN_ORDER } from "./refusals.ts";
import type { Shard } from "./shard.ts";

/**
 * What a PLACE, OCO, AMEND or REPLACE would be refused with at a time; or 0. It changes nothing: the
 * clock and the reference are as they were, since a replay doesn't ask.
 */
export function refusal(shard: Shard, record: CommandRecord, atMs: number): number {
  const market = shard.markets[record.words[MARKET]!];
  if (market === undefined) return UNKNOWN_MARKET;
  const { atMs: nowMs } = shard;
  const { second, reference } = market;
  shard.setTime(Math.max(atMs, nowMs));
  if (second !== shard.second) market.refresh(shard.second);
  const answer = check(shard, market, record);
  shard.setTime(nowMs);
  if (second !== market.second) market.setReference(second, reference);
  return answer;
}

function check(shard: Shard, market: Market, record: CommandRecord): number {
  switch (record.words[KIND]) {
    case PLACE:
      return checkPlace(shard, market, record);
    case REPLACE:
      return checkReplace(shard, market, record);
    case OCO:
      return checkOco(shard, market, record);
    case AMEND:
      return checkChange(shard, market, record);
    default:
      return 0;
  }
}

function checkChange(shard: Shard, market: Market, record: CommandRecord): number {
  const order = findOwn(shard, market, record, ORDER);
  if (order === 0) return UNKNOWN_ORDER;
  return checkAmend(shard, market, order, readWanted(shard, order, record));
}
