import type { AmendCommand, ReduceCommand } from "./command.ts";
import type { Refusal } from "./event.ts";
import { needMinor } from "./money.ts";
import { crosses, leavePlace } from "./naive-book.ts";
import { endOrder } from "./naive-end.ts";
import { enterAsTaker } from "./naive-match.ts";
import { refusalOfValues } from "./naive-refusal.ts";
import { type NaiveOrder, type NaiveState, countRelease, emit, factsOf } from "./naive-state.ts";
import { waitForStop } from "./naive-stops.ts";
import { hasLimit, holds } from "./naive-terms.ts";

/** What an order is to be. */
type Wanted = {
  readonly price: number;
  readonly stopPrice: number;
  readonly reservePrice: number;
  readonly lots: number;
};

/** Takes lots off an order, which keeps its place; or why not. */
export function reduce(
  state: NaiveState,
  order: NaiveOrder,
  { lots }: ReduceCommand,
): Refusal | undefined {
  if (order.sibling !== undefined || order.terms.quoteMinor > 0n) return "INVALID_COMBINATION";
  if (!Number.isSafeInteger(lots) || lots <= 0) return "WRONG_SIZE";
  change(state, order, { ...wantedNow(order), lots: order.lots - lots });
  return undefined;
}

/** Changes an order (section 6), or says why not. */
export function amend(
  state: NaiveState,
  order: NaiveOrder,
  command: AmendCommand,
): Refusal | undefined {
  const wanted = {
    price: command.price || order.price,
    stopPrice: command.stopPrice || order.stopPrice,
    reservePrice: command.reservePrice || order.reservePrice,
    lots: command.lots || order.lots,
  };
  const isReduction = isOnlyLess(order, wanted) || isOver(order, wanted);
  const refusal =
    refusalOfAmend(state, order, wanted, isReduction) ??
    (isReduction ? undefined : refusalOfNeed(state, order, wanted, command));
  if (refusal !== undefined || isSame(order, wanted)) return refusal;
  if (!isReduction) order.amends++;
  change(state, order, wanted, command.holdStep > 0);
  return undefined;
}

function refusalOfAmend(
  state: NaiveState,
  order: NaiveOrder,
  wanted: Wanted,
  isReduction: boolean,
): Refusal | undefined {
  const { market, terms } = order;
  if (!isReduction && !isOpen(order)) return "MARKET_CLOSED";
  if (!isChangeable(order, wanted)) return "INVALID_COMBINATION";
  if (isReduction) return undefined;
  const hasNewValues =
    wanted.price !== order.price ||
    wanted.stopPrice !== order.stopPrice ||
    wanted.lots > order.lots;
  const refusal = hasNewValues
    ? refusalOfValues(market, { ...terms, ...wanted }, state.atMs)
    : undefined;
  if (refusal !== undefined) return refusal;
  if (order.place === "STOPS" && holds(terms, wanted.stopPrice, market.last)) {
    return "WOULD_TRIGGER_IMMEDIATELY";
  }
  const mayNotTrade = terms.isPostOnly || market.state === "PRE_OPEN";
  const wouldTrade = order.place === "BOOK" && crosses(market, terms.side, wanted.price);
  if (mayNotTrade && wouldTrade) return "WOULD_CROSS";
  const isOverHold = terms.side === "BUY" && wanted.price > wanted.reservePrice;
  if (isOverHold && terms.quoteMinor === 0n) return "PRICE_OVER_RISK_LIMIT";
  return order.amends >= market.rules.maxAmends ? "TOO_MANY_AMENDS" : undefined;
}

/** What is held has to cover what more the order would need: it may have changed meanwhile. */
function refusalOfNeed(
  state: NaiveState,
  order: NaiveOrder,
  { lots, reservePrice }: Wanted,
  { extraHold }: AmendCommand,
): Refusal | undefined {
  const isSameHold = lots === order.lots && reservePrice === order.reservePrice;
  if (isSameHold || order.terms.quoteMinor > 0n) return undefined;
  const rates = state.tiers.get(order.terms.tier)!;
  const scales = { baseScale: 1n, quoteScale: BigInt(order.market.rules.quoteScale) };
  const remaining = order.remaining + lots - order.lots;
  const now = factsOf(order);
  const added =
    needMinor({ ...now, reservePrice, remaining }, rates, scales) - needMinor(now, rates, scales);
  return added > extraHold ? "INSUFFICIENT_FUNDS" : undefined;
}

/** Does a change that is allowed. What was not a reduction goes to the back, or takes at once. */
function change(state: NaiveState, order: NaiveOrder, wanted: Wanted, hasExtra = false): void {
  if (isOver(order, wanted)) return endOrder(state, order, "CANCELLED", "REDUCED");
  const keepsPlace = isOnlyLess(order, wanted);
  const { price: oldPrice, reservePrice: oldReservePrice, remaining: oldRemaining } = order;
  const isLess = wanted.lots < order.lots || wanted.reservePrice < oldReservePrice;
  if (isLess || hasExtra) countRelease(order); // an extra hold may be more than is needed by now
  order.remaining += wanted.lots - order.lots;
  Object.assign(order, wanted);
  const facts = factsOf(order);
  const old = { oldPrice, oldReservePrice, oldRemaining };
  emit(state, order.market, { kind: "AMENDED", facts, ...old, stopPrice: order.stopPrice });
  if (keepsPlace) {
    order.shown =
      order.terms.visibleLots > 0 ? Math.min(order.shown, order.remaining) : order.remaining;
    return undefined;
  }
  const isWaiting = order.place === "STOPS";
  leavePlace(order);
  return isWaiting ? waitForStop(order) : enterAsTaker(state, order);
}

/** Whether an order has what is to be changed. OCO legs have one hold and stay as they are. */
function isChangeable(order: NaiveOrder, wanted: Wanted): boolean {
  const { terms, place, sibling } = order;
  const isQuote = terms.quoteMinor > 0n;
  const changesHold = wanted.lots !== order.lots || wanted.reservePrice !== order.reservePrice;
  return (
    sibling === undefined &&
    (wanted.price === order.price || hasLimit(terms)) &&
    (wanted.stopPrice === order.stopPrice || place === "STOPS") &&
    (wanted.reservePrice === order.reservePrice || terms.side === "BUY") &&
    !(isQuote && changesHold) &&
    (terms.visibleLots === 0 ||
      Math.ceil(wanted.lots / terms.visibleLots) <= order.market.rules.maxIcebergParts)
  );
}

function isOpen({ market, place }: NaiveOrder): boolean {
  const isOpenState = market.state === "TRADING" || market.state === "PRE_OPEN";
  return isOpenState && place !== "READY";
}

function isOver(order: NaiveOrder, wanted: Wanted): boolean {
  return order.remaining + wanted.lots - order.lots <= 0;
}

function isSame(order: NaiveOrder, wanted: Wanted): boolean {
  return isOnlyLess(order, wanted) && wanted.lots === order.lots;
}

/** Whether nothing is to be changed but the quantity, and that not upwards. */
function isOnlyLess(order: NaiveOrder, wanted: Wanted): boolean {
  return (
    wanted.price === order.price &&
    wanted.stopPrice === order.stopPrice &&
    wanted.reservePrice === order.reservePrice &&
    wanted.lots <= order.lots
  );
}

function wantedNow({ price, stopPrice, reservePrice, lots }: NaiveOrder): Wanted {
  return { price, stopPrice, reservePrice, lots };
}
