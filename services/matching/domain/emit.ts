import * as eventWords from "./event-words.ts";
import * as extraWords from "./extras.ts";
import * as factWords from "./facts.ts";
import type { Market } from "./market.ts";
import * as orderWords from "./orders.ts";
import type { Shard } from "./shard.ts";

const { COMMAND, FACTS, HEAD, LOTS, MARKET, NUMBER, PRICE, RESERVE, SEQ } = eventWords;
const { STOP_PRICE: EVENT_STOP_PRICE } = eventWords;
const { FACT_REALS, FACT_WORDS, HAS_MORE, MORE_WORDS, TERMS } = factWords;
const { EXTRA } = orderWords;
const { STOP_PRICE } = extraWords;

// Places in EVENT_KINDS.
export const ACCEPTED = 0;
export const REJECTED = 1;
export const TRIGGERED = 2;
const TRADE = 3;
const AMENDED = 4;
export const CANCELLED = 5;
export const EXPIRED = 6;
export const CLOSED = 7;
const PREVENTED = 8;
const STATE = 9;

/** Tells of one order. The head is the kind, with its detail above; returns where the event is. */
export function emitOrder(shard: Shard, market: Market, order: number, head: number): number {
  const at = begin(shard, market);
  finish(shard, at, head, copyFacts(shard, order, at + FACTS));
  return at;
}

/** Tells of a change; what was before it is for the caller to write where the event is. */
export function emitAmended(shard: Shard, market: Market, order: number): number {
  const at = emitOrder(shard, market, order, AMENDED);
  const more = shard.orders.words[order + EXTRA]!;
  const stopPrice = more === 0 ? 0 : shard.extras.words[more + STOP_PRICE]!;
  shard.events.words[at + EVENT_STOP_PRICE] = stopPrice;
  return at;
}

/** Tells of a trade; the price and the quantity are for the caller to write. */
export function emitTrade(shard: Shard, market: Market, taker: number, maker: number): number {
  const at = begin(shard, market);
  const second = copyFacts(shard, taker, at + FACTS);
  finish(shard, at, TRADE, copyFacts(shard, maker, second));
  shard.events.reals[(at >> 1) + NUMBER] = market.tradeId;
  return at;
}

/** Tells that two orders were kept from trading; the details are for the caller to write. */
export function emitPrevented(shard: Shard, market: Market, taker: number, maker: number): number {
  const at = begin(shard, market);
  const second = copyFacts(shard, taker, at + FACTS);
  finish(shard, at, PREVENTED, copyFacts(shard, maker, second));
  return at;
}

/** Tells that the market is in another state. */
export function emitState(shard: Shard, market: Market): void {
  const at = begin(shard, market);
  finish(shard, at, STATE | (market.state << 8), at + FACTS);
}

function begin(shard: Shard, market: Market): number {
  const log = shard.events;
  const at = log.reserve();
  const { words, reals } = log;
  words[at + MARKET] = market.number;
  reals[(at >> 1) + SEQ] = ++market.seq;
  words[at + COMMAND] = log.commands - 1;
  words[at + PRICE] = 0;
  reals[(at >> 1) + LOTS] = 0;
  reals[(at >> 1) + NUMBER] = 0;
  words[at + RESERVE] = 0;
  words[at + EVENT_STOP_PRICE] = 0;
  return at;
}

function finish(shard: Shard, at: number, head: number, end: number): void {
  const log = shard.events;
  log.words[at + HEAD] = head | ((end - at) << 16);
  log.end = end;
  log.count++;
}

/** Copies what events tell of an order; returns where the next words go. */
function copyFacts(shard: Shard, order: number, at: number): number {
  const { words, reals } = shard.orders;
  const log = shard.events.words;
  const logReals = shard.events.reals;
  const [fromReal, toReal] = [order >> 1, at >> 1];
  for (let real = 0; real < FACT_REALS; real++) logReals[toReal + real] = reals[fromReal + real]!;
  for (let word = 2 * FACT_REALS; word < FACT_WORDS; word++) log[at + word] = words[order + word]!;
  if ((words[order + TERMS]! & HAS_MORE) === 0) return at + FACT_WORDS;
  const more = words[order + EXTRA]!;
  const extras = shard.extras.words;
  for (let word = 0; word < MORE_WORDS; word++) {
    log[at + FACT_WORDS + word] = extras[more + word]!;
  }
  return at + FACT_WORDS + MORE_WORDS;
}
