import { CANCELLED, emitOrder } from "./emit.ts";
import * as eventWords from "./event-words.ts";
import { forgetOrder } from "./list-order.ts";
import type { Market } from "./market.ts";
import { countRelease, reserveOfSibling, siblingOf } from "./releases.ts";
import type { Shard } from "./shard.ts";

const { RESERVE } = eventWords;

// Places in END_REASONS.
export const USER = 0;
export const CANCEL_ALL = 1;
export const REDUCED = 2;
export const REPLACED = 3;
const OCO = 4;
export const FOK_NOT_FILLABLE = 5;
export const IOC_REMAINDER = 6;
export const INSUFFICIENT_LIQUIDITY = 7;
export const PRICE_BAND = 8;
export const EXPIRE_TIME = 9;

/**
 * Ends an order and, of an OCO, the other leg after it; the rest of their hold is free. How is a
 * kind of emit.ts and, above it, a reason of this file: `endOrder(…, EXPIRED | (PRICE_BAND << 8))`.
 */
export function endOrder(shard: Shard, market: Market, order: number, how: number): void {
  const sibling = siblingOf(shard, order);
  endLeg(shard, market, order, how);
  if (sibling !== 0) endLeg(shard, market, sibling, how);
}

/** Ends the other leg of an OCO, since this one goes on. */
export function endSibling(shard: Shard, market: Market, order: number): void {
  const sibling = siblingOf(shard, order);
  if (sibling !== 0) endLeg(shard, market, sibling, CANCELLED | (OCO << 8));
}

function endLeg(shard: Shard, market: Market, order: number, how: number): void {
  countRelease(shard, order);
  const reserve = reserveOfSibling(shard, order);
  const at = emitOrder(shard, market, order, how);
  shard.events.words[at + RESERVE] = reserve;
  forgetOrder(shard, market, order);
}
