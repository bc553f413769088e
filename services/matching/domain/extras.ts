// The words of a row of rare fields. The first eight are told by events where the terms say so.

/** Four words: the quote amount; zeros for an order by quantity. */
export const QUOTE = 0;
/** Four words: the id that the hold has. */
export const HOLD = 4;
/** Doubles. What of an iceberg shows at most, and what shows now. */
export const VISIBLE = 8 / 2;
export const SHOWN = 10 / 2;
/** Double: when a GTD order ends. */
export const EXPIRE_MS = 12 / 2;
/** Double: the place of a GTD order among all of them, for those that end at the same time. */
export const ARRIVAL = 14 / 2;
export const STOP_PRICE = 16;
/** The other leg of an OCO. */
export const SIBLING = 17;
/** The place in the heap of expiries, from 1; 0 when it is not in there. */
export const HEAP = 18;
export const EXTRA_WORDS = 20;
