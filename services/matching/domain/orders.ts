import { FACT_WORDS } from "./facts.ts";

// The words of an order in the book: those that its events tell (facts.ts), and these.

/** Double: the original quantity, as amended. */
export const LOTS = FACT_WORDS / 2;
/** The row of its rare fields (extras.ts); 0 when it has none. */
export const EXTRA = 22;
/** The row of its account in its market (positions); 0 until the order is listed. */
export const POSITION = 23;
export const SESSION = 24;
/** The row of its client key (client-keys.ts); 0 when it has none. */
export const KEY = 25;
export const MARKET = 26;
/** Neighbours in the level, or in the ready queue. */
export const NEXT = 27;
export const PREVIOUS = 28;
export const LEVEL = 29;
/** Neighbours among the orders of the account, which are in order of arrival. */
export const OWN_NEXT = 30;
export const OWN_PREVIOUS = 31;
export const ORDER_WORDS = 32;

// Bits of the terms that only the book sets.
export const IN_BOOK = 1 << 10;
/** Waits for its stop price. */
export const WAITING = 2 << 10;
/** Was triggered and waits for its turn (BOOK-4). */
export const READY = 3 << 10;
export const PLACE_MASK = 3 << 10;
/** Is found by its id: it rests, waits, or did before it began to take. */
export const LISTED = 1 << 12;
export const ICEBERG = 1 << 14;
/** One leg of an OCO, while the other is live too. */
export const HAS_SIBLING = 1 << 15;
/** By quote amount, rather than by quantity alone. */
export const BY_AMOUNT = 1 << 16;
