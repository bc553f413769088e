import type { CommandRecord } from "./command-record.ts";
import * as commandWords from "./command-record.ts";
import type { Market } from "./market.ts";
import * as ruleNumbers from "./rules.ts";
import {
  BUY,
  FOK,
  GTD,
  IOC,
  isMarketType,
  isResting,
  LIMIT_ORDER,
  MARKET_ORDER,
  POST_ONLY,
  sideOf,
  timeInForceOf,
  typeOf,
} from "./terms.ts";
import { isZero } from "./words.ts";

const { EXPIRE_MS, LIMIT_UNITS, LOTS, PRICE, QUOTE, RESERVE, TERMS, VISIBLE } = commandWords;
const { MAX_ICEBERG_PARTS } = ruleNumbers;

/** Whether the parts of an order go together (section 2), and it has not ended by its time yet. */
export function isValidOrder(market: Market, record: CommandRecord, atMs: number): boolean {
  const { words, reals } = record;
  const terms = words[TERMS]!;
  const isByAmount = !isZero(words, QUOTE);
  if (!isPair(terms) || (isByAmount && !isMarketType(terms))) return false;
  if (timeInForceOf(terms) === GTD && reals[EXPIRE_MS]! <= atMs) return false;
  if (reals[LIMIT_UNITS] !== 0 && timeInForceOf(terms) !== FOK) return false;
  const isPlainLimit = typeOf(terms) === LIMIT_ORDER && isResting(terms);
  if ((terms & POST_ONLY) !== 0 && !isPlainLimit) return false;
  if (reals[VISIBLE] !== 0 && !(isPlainLimit && isWholeIceberg(market, record))) return false;
  return sideOf(terms) !== BUY || isByAmount || isCovered(words);
}

/** How many parts an iceberg of some lots shows one after another is bounded. */
export function hasFewParts(market: Market, lots: number, visible: number): boolean {
  return Math.ceil(lots / visible) <= market.rules[MAX_ICEBERG_PARTS]!;
}

function isWholeIceberg(market: Market, { reals }: CommandRecord): boolean {
  return reals[VISIBLE]! <= reals[LOTS]! && hasFewParts(market, reals[LOTS]!, reals[VISIBLE]!);
}

function isPair(terms: number): boolean {
  const type = typeOf(terms);
  if (type === LIMIT_ORDER) return true;
  return type === MARKET_ORDER ? timeInForceOf(terms) === IOC : isResting(terms);
}

/** A buy holds for its limit at least; without one it says for how much (FUND-2). */
function isCovered(words: Int32Array): boolean {
  return words[RESERVE]! > 0 && words[RESERVE]! >= words[PRICE]!;
}
