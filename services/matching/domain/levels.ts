// The words of a level: the orders of a side at one price.

/** Double: what shows of its orders. */
export const LEVEL_LOTS = 0;
export const LEVEL_PRICE = 2;
/** The first order and the last. */
export const HEAD = 3;
export const TAIL = 4;
export const LEVEL_ORDERS = 5;
/** The node of the tree that has the level. */
export const NODE = 6;
export const LEVEL_WORDS = 8;
