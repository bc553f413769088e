// Where an event has what, in words, or in doubles where it says so. The first word is the kind in
// 8 bits, a detail in 8 (a reason, a mode, a state, a flag), and the number of words in 16.
export const HEAD = 0;
export const MARKET = 1;
/** Double: the market's number of the event. */
export const SEQ = 2 / 2;
/** Which command of the log it comes from, counted from 0. */
export const COMMAND = 4;
/** Of a trade or a prevented one; of an amendment the old price. */
export const PRICE = 5;
/** Double: what was traded, what the taker was prevented from, what remained before an amendment. */
export const LOTS = 6 / 2;
/** Double: the trade's number; what the maker was prevented from. */
export const NUMBER = 8 / 2;
/** The old reserve price of an amendment; the sibling's of an end. */
export const RESERVE = 10;
export const STOP_PRICE = 11;
/** Where the facts of the order begin, or of the taker; those of the maker follow. */
export const FACTS = 12;

/** Beside the mode, in the detail of a prevented trade. */
export const TAKER_ENDS = 8;
export const MAKER_ENDS = 16;

/** The words of a log's events, up to an end. */
export type EventWords = {
  readonly words: Int32Array;
  /** The same memory as doubles. */
  readonly reals: Float64Array;
  readonly end: number;
};
