import type { NewOrder } from "./command.ts";

/** Whether the condition of a stop holds at the last price (section 2); never before a trade. */
export function holds(
  terms: Pick<NewOrder, "side" | "type">,
  stopPrice: number,
  last: number,
): boolean {
  if (last === 0) return false;
  return isUpward(terms) ? last >= stopPrice : last <= stopPrice;
}

/** Whether a stop waits for the price to rise. */
export function isUpward({ side, type }: Pick<NewOrder, "side" | "type">): boolean {
  return (side === "BUY") === (type === "STOP" || type === "STOP_LIMIT");
}

/** Whether an order waits for a stop price. */
export function isStop({ type }: Pick<NewOrder, "type">): boolean {
  return type !== "LIMIT" && type !== "MARKET";
}

/** Whether an order has a limit price of its own; one that has none never rests. */
export function hasLimit({ type }: Pick<NewOrder, "type">): boolean {
  return type === "LIMIT" || type === "STOP_LIMIT" || type === "TAKE_PROFIT_LIMIT";
}

/** Whether the rest of an order stays in the book. */
export function isResting({ timeInForce }: Pick<NewOrder, "timeInForce">): boolean {
  return timeInForce === "GTC" || timeInForce === "GTD";
}
