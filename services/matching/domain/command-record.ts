/** How far the words of an OCO's stop leg lie behind those of its limit leg. */
export const LEG_WORDS = 30;

// Where a record has what. Amounts that may be larger than a word are doubles over two words: their
// places count doubles.
export const KIND = 0;
export const MARKET = 1;
export const ACCOUNT = 2;
/** Four words: the order's id; the owner of ACCOUNT. */
export const ORDER = 3;
/** The rates of TIER are here and in the next word; here are the modes of MARKET. */
export const PRICE = 7;
export const RESERVE = 8;
export const GROUP = 8;
/** The rules of MARKET but its modes: doubles in the order of rules.ts. */
export const RULES = 8 / 2;
/** Side, type and so on (terms.ts). */
export const TERMS = 9;
export const STATE = 9;
export const LOTS = 10 / 2;
export const TIER = 12;
export const SESSION = 13;
/** Two words; zeros are none. */
export const KEY = 14;
export const STOP_PRICE = 16;
export const HOLD_STEP = 17;
export const EXPIRE_MS = 18 / 2;
/** The sums per lot of TIER, makers' and takers'. */
export const PER_LOT = 18 / 2;
export const VISIBLE = 20 / 2;
export const LIMIT_UNITS = 22 / 2;
export const POSITION = 24 / 2;
/** Four words, the lowest first. */
export const QUOTE = 26;
/** Four words: the id of the order that REPLACE ends. */
export const REPLACED = 30;
/** Four words, the lowest first: what the extra hold of AMEND holds. */
export const EXTRA_HOLD = 30;

/**
 * A command as numbers, in 60 words of 32 bits. The words from 3 on are those of an order; an OCO
 * has the ones of its stop leg LEG_WORDS later. One record is used again and again: the engine keeps
 * nothing of it.
 */
export class CommandRecord {
  readonly words: Int32Array<ArrayBuffer>;
  readonly reals: Float64Array<ArrayBuffer>;
  /** From here on all words are zeros. */
  used = 0;

  constructor() {
    this.words = new Int32Array(2 * LEG_WORDS);
    this.reals = new Float64Array(this.words.buffer);
  }
}
