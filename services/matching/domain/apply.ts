import { amend } from "./amend.ts";
import * as kind from "./command-kinds.ts";
import * as commandWords from "./command-record.ts";
import { CANCELLED, emitState, emitOrder, TRIGGERED } from "./emit.ts";
import { endOrder, endSibling, USER } from "./end-order.ts";
import type { EventLog } from "./event-log.ts";
import { findOwn } from "./find-own.ts";
import { leavePlace } from "./list-order.ts";
import { cancelAll, expire } from "./many-orders.ts";
import { type Market, TRADING } from "./market.ts";
import { isMove, move } from "./move.ts";
import { placeOco } from "./place-oco.ts";
import { place, replace } from "./place.ts";
import { reduce } from "./reduce.ts";
import { UNKNOWN_MARKET, UNKNOWN_ORDER } from "./refusals.ts";
import { addTier, setAccount, setMarket } from "./set-up.ts";
import type { Shard } from "./shard.ts";
import { enterAsTaker } from "./take.ts";

const { ACCOUNT, AMEND, CANCEL, CANCEL_ALL, EXPIRE, MARKET, OCO } = kind;
const { PLACE, REDUCE, REPLACE, STATE, TIER } = kind;
const { KIND, MARKET: AT_MARKET, ORDER, PRICE, STATE: TO_STATE } = commandWords;

/** Applies a command; returns 0 or why it is refused. Then the triggered stops have their turn. */
export function apply(
  shard: Shard,
  record: commandWords.CommandRecord,
  atMs: number,
  events: EventLog,
): number {
  shard.setTime(atMs);
  if (shard.events !== events) shard.events = events;
  events.commands++;
  const code = record.words[KIND]!;
  if (code <= MARKET || code >= CANCEL_ALL) return applyToMany(shard, record);
  const market = shard.markets[record.words[AT_MARKET]!];
  if (market === undefined) return UNKNOWN_MARKET;
  if (market.second !== shard.second) market.refresh(shard.second);
  const refusal = applyToMarket(shard, market, record);
  if (market.readyHead !== 0) drain(shard, market);
  return refusal;
}

function applyToMarket(shard: Shard, market: Market, record: commandWords.CommandRecord): number {
  switch (record.words[KIND]) {
    case PLACE:
      return place(shard, market, record);
    case OCO:
      return placeOco(shard, market, record);
    case REPLACE:
      return replace(shard, market, record);
    case STATE:
      setState(shard, market, record.words[TO_STATE]!);
      return 0;
    default:
      return applyToOrder(shard, market, record);
  }
}

function applyToOrder(shard: Shard, market: Market, record: commandWords.CommandRecord): number {
  const order = findOwn(shard, market, record, ORDER);
  if (order === 0) return UNKNOWN_ORDER;
  switch (record.words[KIND]) {
    case AMEND:
      if (!isMove(shard, market, order, record)) return amend(shard, market, order, record);
      return move(shard, market, order, record.words[PRICE]!);
    case REDUCE:
      return reduce(shard, market, order, record);
    case CANCEL:
      endOrder(shard, market, order, CANCELLED | (USER << 8));
      return 0;
    default:
      throw new Error("a command has a kind");
  }
}

function applyToMany(shard: Shard, record: commandWords.CommandRecord): number {
  switch (record.words[KIND]) {
    case ACCOUNT:
      setAccount(shard, record);
      return 0;
    case TIER:
      addTier(shard, record);
      return 0;
    case MARKET:
      setMarket(shard, record);
      return 0;
    case CANCEL_ALL:
      return cancelAll(shard, record);
    case EXPIRE:
      expire(shard);
      return 0;
    default:
      throw new Error("a command has a kind");
  }
}

function setState(shard: Shard, market: Market, state: number): void {
  if (market.state === state) return;
  market.state = state;
  emitState(shard, market);
}

/** The triggered stops enter one after the other, first in, first out (BOOK-4). */
function drain(shard: Shard, market: Market): void {
  while (market.readyHead !== 0 && market.state === TRADING) {
    const order = market.readyHead;
    leavePlace(shard, market, order);
    endSibling(shard, market, order);
    emitOrder(shard, market, order, TRIGGERED);
    enterAsTaker(shard, market, order);
  }
}
