import type { CommandRecord } from "./command-record.ts";
import * as commandWords from "./command-record.ts";
import type { Market } from "./market.ts";
import {
  ABOVE_MAX_NOTIONAL,
  BELOW_MIN_NOTIONAL,
  PERCENT_PRICE,
  PRICE_RANGE,
  PRICE_TICK,
  QTY_RANGE,
  QTY_STEP,
} from "./refusals.ts";
import * as ruleNumbers from "./rules.ts";
import { isMarketType, isStopType, MARKET_ORDER, typeOf } from "./terms.ts";
import { isZero, readAmount } from "./words.ts";

const { LOTS, PRICE, QUOTE, STOP_PRICE, TERMS } = commandWords;
const { MARKET_MIN_LOTS, MAX_NOTIONAL, MAX_PRICE, MIN_LOTS, MIN_NOTIONAL, MIN_PRICE, QUOTE_SCALE } =
  ruleNumbers;

/**
 * Why the prices and quantities that an order has, or is to have, are refused (5 to 11 of section 7);
 * or 0.
 */
export function checkValues(market: Market, record: CommandRecord): number {
  const { words, reals } = record;
  const terms = words[TERMS]!;
  if (isMarketType(terms)) return checkWithoutLimit(market, record);
  const price = words[PRICE]!;
  if (isStopType(terms)) {
    const stopPrice = words[STOP_PRICE]!;
    if (price < 1 || stopPrice < 1) return PRICE_TICK;
    if (!isInRange(market, stopPrice)) return PRICE_RANGE;
  }
  return checkPrice(market, price, reals[LOTS]!);
}

/** The same of a LIMIT order. */
export function checkPrice(market: Market, price: number, lots: number): number {
  if (price < 1) return PRICE_TICK;
  if (!isInRange(market, price)) return PRICE_RANGE;
  const refusal = checkLots(market, lots, MIN_LOTS) || checkNotional(market, price * lots);
  if (refusal !== 0) return refusal;
  return price < market.percentLow || price > market.percentHigh ? PERCENT_PRICE : 0;
}

/** MARKET orders are measured at the average, stops at their stop price. */
function checkWithoutLimit(market: Market, record: CommandRecord): number {
  const { words, reals } = record;
  const isMarket = typeOf(words[TERMS]!) === MARKET_ORDER;
  const lots = reals[LOTS]!;
  const stopPrice = words[STOP_PRICE]!;
  if ((isMarket ? words[PRICE]! : stopPrice) < 1) return PRICE_TICK;
  if (!isMarket && !isInRange(market, stopPrice)) return PRICE_RANGE;
  if (!isZero(words, QUOTE)) return lots < 1 ? QTY_STEP : checkAmount(market, words);
  const units = (isMarket ? market.reference : stopPrice) * lots;
  return checkLots(market, lots, MARKET_MIN_LOTS) || checkNotional(market, units);
}

function isInRange({ rules }: Market, price: number): boolean {
  return price >= rules[MIN_PRICE]! && price <= rules[MAX_PRICE]!;
}

/** The bounds of quantity are three rules from a place on: least, most and step. */
function checkLots({ rules }: Market, lots: number, place: number): number {
  const step = rules[place + 2]!;
  if (lots < 1 || (step !== 1 && lots % step !== 0)) return QTY_STEP;
  return lots < rules[place]! || lots > rules[place + 1]! ? QTY_RANGE : 0;
}

/** A product above 2^53 is inexact, but then it is above the most that is allowed all the same. */
function checkNotional({ rules }: Market, units: number): number {
  if (units < rules[MIN_NOTIONAL]!) return BELOW_MIN_NOTIONAL;
  return units > rules[MAX_NOTIONAL]! ? ABOVE_MAX_NOTIONAL : 0;
}

function checkAmount({ rules }: Market, words: Int32Array): number {
  const amount = readAmount(words, QUOTE);
  const scale = BigInt(rules[QUOTE_SCALE]!);
  if (amount < BigInt(rules[MIN_NOTIONAL]!) * scale) return BELOW_MIN_NOTIONAL;
  return amount > BigInt(rules[MAX_NOTIONAL]!) * scale ? ABOVE_MAX_NOTIONAL : 0;
}
