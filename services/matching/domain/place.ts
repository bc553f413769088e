import { checkId, checkOrder } from "./check-order.ts";
import { hasKey } from "./client-keys.ts";
import type { CommandRecord } from "./command-record.ts";
import * as commandWords from "./command-record.ts";
import { ACCEPTED, CANCELLED, emitOrder, EXPIRED, REJECTED } from "./emit.ts";
import * as end from "./end-order.ts";
import * as eventWords from "./event-words.ts";
import * as factWords from "./facts.ts";
import { findOwn } from "./find-own.ts";
import { isFillable } from "./is-fillable.ts";
import { forgetOrder, listOrder } from "./list-order.ts";
import type { Market } from "./market.ts";
import { newOrder } from "./new-order.ts";
import * as orderWords from "./orders.ts";
import { DUPLICATE_ORDER, UNKNOWN_ORDER } from "./refusals.ts";
import { countRelease, reserveOfSibling } from "./releases.ts";
import type { Shard } from "./shard.ts";
import { waitForStop } from "./stops.ts";
import { enterAsTaker } from "./take.ts";
import { FOK, isStopType, timeInForceOf } from "./terms.ts";

const { LIMIT_UNITS, REPLACED } = commandWords;
const { RESERVE } = eventWords;
const { TERMS } = factWords;
const { KEY } = orderWords;

/** Places an order; or says why not. */
export function place(shard: Shard, market: Market, record: CommandRecord): number {
  const refusal = checkPlace(shard, market, record);
  if (refusal === DUPLICATE_ORDER) return refusal;
  const order = newOrder(shard, market, record);
  if (refusal === 0) enter(shard, market, order, record);
  else reject(shard, market, order, refusal);
  return refusal;
}

/** Places an order in the stead of another, which ends; or says why not, and the other one stays. */
export function replace(shard: Shard, market: Market, record: CommandRecord): number {
  const refusal = checkReplace(shard, market, record);
  if (refusal === DUPLICATE_ORDER) return refusal;
  const order = newOrder(shard, market, record);
  if (refusal !== 0) {
    reject(shard, market, order, refusal);
    return refusal;
  }
  const replaced = findOwn(shard, market, record, REPLACED);
  end.endOrder(shard, market, replaced, CANCELLED | (end.REPLACED << 8));
  enter(shard, market, order, record);
  return 0;
}

/** Why a PLACE is refused; or 0. */
export function checkPlace(shard: Shard, market: Market, record: CommandRecord): number {
  return checkId(shard, record) || checkOrder(shard, market, record);
}

/** Why a REPLACE is refused: the new order is checked first. */
export function checkReplace(shard: Shard, market: Market, record: CommandRecord): number {
  const refusal = checkPlace(shard, market, record);
  if (refusal !== 0) return refusal;
  return findOwn(shard, market, record, REPLACED) === 0 ? UNKNOWN_ORDER : 0;
}

/** Takes a new order in: its client's id is taken from now on. */
export function accept(shard: Shard, market: Market, order: number, record: CommandRecord): void {
  const { words } = shard.orders;
  if (hasKey(record)) words[order + KEY] = shard.keys.add(record, order, shard.atMs);
  const isWaiting = isStopType(words[order + TERMS]!);
  emitOrder(shard, market, order, ACCEPTED | (isWaiting ? 1 << 8 : 0));
}

/** Says that a new order is refused: what is held for it is free, but for what the other leg needs. */
export function reject(shard: Shard, market: Market, order: number, refusal: number): void {
  countRelease(shard, order);
  const reserve = reserveOfSibling(shard, order);
  const at = emitOrder(shard, market, order, REJECTED | (refusal << 8));
  shard.events.words[at + RESERVE] = reserve;
  forgetOrder(shard, market, order);
}

function enter(shard: Shard, market: Market, order: number, record: CommandRecord): void {
  const terms = shard.orders.words[order + TERMS]!;
  accept(shard, market, order, record);
  if (isStopType(terms)) {
    listOrder(shard, market, order);
    waitForStop(shard, market, order);
    return;
  }
  const isFok = timeInForceOf(terms) === FOK;
  if (!isFok || isFillable(shard, market, order, record.reals[LIMIT_UNITS]!)) {
    enterAsTaker(shard, market, order);
  } else {
    end.endOrder(shard, market, order, EXPIRED | (end.FOK_NOT_FILLABLE << 8));
  }
}
