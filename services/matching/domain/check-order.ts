import { checkBook } from "./check-book.ts";
import { isValidOrder } from "./check-combination.ts";
import { checkCounts } from "./check-counts.ts";
import { checkValues } from "./check-values.ts";
import { hasKey } from "./client-keys.ts";
import type { CommandRecord } from "./command-record.ts";
import * as commandWords from "./command-record.ts";
import { type Market, PRE_OPEN, TRADING } from "./market.ts";
import {
  DUPLICATE_CLIENT_ORDER_ID,
  DUPLICATE_ORDER,
  INVALID_COMBINATION,
  MARKET_CLOSED,
} from "./refusals.ts";
import type { Shard } from "./shard.ts";
import { isResting } from "./terms.ts";

const { ORDER, TERMS } = commandWords;

/** Why a new order, the first leg of a record, is refused: the first of section 7; or 0. */
export function checkOrder(shard: Shard, market: Market, record: CommandRecord): number {
  const refusal = checkEntry(shard, market, record);
  if (refusal !== 0) return refusal;
  if (!isValidOrder(market, record, shard.atMs)) return INVALID_COMBINATION;
  return checkTerms(shard, market, record, 1);
}

/** Whether a market is open for an order, and its client's id is free (2 and 3). */
export function checkEntry(shard: Shard, market: Market, record: CommandRecord): number {
  const mayRest = isResting(record.words[TERMS]!);
  const isOpen = market.state === TRADING || (market.state === PRE_OPEN && mayRest);
  if (!isOpen) return MARKET_CLOSED;
  const isKeyTaken = hasKey(record) && shard.keys.isTaken(shard.keys.find(record), shard.atMs);
  return isKeyTaken ? DUPLICATE_CLIENT_ORDER_ID : 0;
}

/** What the rules, the account and the book say (5 to 18); so many live orders come together. */
export function checkTerms(
  shard: Shard,
  market: Market,
  record: CommandRecord,
  orders: number,
): number {
  return (
    checkValues(market, record) ||
    checkCounts(shard, market, record, orders) ||
    checkBook(market, record)
  );
}

/** Whether an order's id is that of a live one, or of one that ended lately. */
export function checkId(shard: Shard, { words }: CommandRecord): number {
  const isKnown =
    shard.ids.find(words, ORDER) !== 0 || shard.keys.hasEnded(words, ORDER, shard.atMs);
  return isKnown ? DUPLICATE_ORDER : 0;
}
