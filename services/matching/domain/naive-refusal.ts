import assert from "node:assert";
import { CLIENT_KEY_KEPT_MS } from "#mesh/limits.ts";
import type { MarketRules, NewOrder, OcoCommand, PlaceCommand, ReplaceCommand } from "./command.ts";
import type { Refusal } from "./event.ts";
import { percentRangeAt, referenceAt } from "./naive-average.ts";
import { crosses } from "./naive-book.ts";
import { isValidOco, isValidOrder } from "./naive-combinations.ts";
import type { NaiveMarket, NaiveState } from "./naive-state.ts";
import { hasLimit, holds, isResting, isStop } from "./naive-terms.ts";

/** A new order, with what its command says around it. */
type Placement = {
  readonly terms: NewOrder;
  readonly market: NaiveMarket;
  readonly account: number;
  readonly positionLots: number;
  /** Live orders that come with it: 2 for the legs of an OCO. */
  readonly orders: number;
};

/** Why a PLACE or REPLACE is refused; the first of section 7 that holds. */
export function refusalOfPlace(
  state: NaiveState,
  command: PlaceCommand | ReplaceCommand,
): Refusal | undefined {
  const market = state.markets.get(command.market);
  if (market === undefined) return "UNKNOWN_MARKET";
  if (isKnown(state, command.order)) return "DUPLICATE_ORDER";
  const { account, positionLots } = command;
  const isValid = isValidOrder(command, market.rules, state.atMs);
  const placement = { terms: command, market, account, positionLots, orders: 1 };
  const refusal = refusalOfOrder(state, placement, isValid);
  if (refusal !== undefined || command.kind === "PLACE") return refusal;
  const replaced = state.orders.get(command.replaced);
  const isOwn = replaced?.account === account && replaced.market === market;
  return isOwn ? undefined : "UNKNOWN_ORDER";
}

/** Why an OCO is refused: what holds for its limit leg, else for its stop leg. */
export function refusalOfOco(state: NaiveState, command: OcoCommand): Refusal | undefined {
  const { limit, stop, account, positionLots } = command;
  const market = state.markets.get(command.market);
  if (market === undefined) return "UNKNOWN_MARKET";
  if (isKnown(state, limit.order) || isKnown(state, stop.order)) return "DUPLICATE_ORDER";
  if (limit.order === stop.order) return "DUPLICATE_ORDER";
  const isPair = isValidOco(command);
  const leg = { market, account, positionLots, orders: 2 };
  const check = (terms: NewOrder) =>
    refusalOfOrder(
      state,
      { ...leg, terms },
      isPair && isValidOrder(terms, market.rules, state.atMs),
    );
  const hasOneKey = limit.clientKey !== "" && limit.clientKey === stop.clientKey;
  return check(limit) ?? (hasOneKey ? "DUPLICATE_CLIENT_ORDER_ID" : check(stop));
}

function refusalOfOrder(
  state: NaiveState,
  placement: Placement,
  isValid: boolean,
): Refusal | undefined {
  const { market, terms } = placement;
  assert(state.accounts.has(placement.account), "the account is not known");
  assert(state.tiers.has(terms.tier), "the tier is not known");
  if (!isOpen(market, terms)) return "MARKET_CLOSED";
  if (isKeyUsed(state, placement)) return "DUPLICATE_CLIENT_ORDER_ID";
  if (!isValid) return "INVALID_COMBINATION";
  return (
    refusalOfValues(market, terms, state.atMs) ??
    refusalOfCounts(state, placement) ??
    refusalOfBook(market, terms)
  );
}

/** The prices and quantities that an order has or is to have (5 to 11 of section 7). */
export type Values = Pick<
  NewOrder,
  "type" | "side" | "price" | "stopPrice" | "lots" | "quoteMinor"
>;

/** What of section 7 the prices and quantities of an order offend. */
export function refusalOfValues(
  market: NaiveMarket,
  terms: Values,
  atMs: number,
): Refusal | undefined {
  const { rules } = market;
  const prices = [hasLimit(terms) || terms.type === "MARKET" ? terms.price : 1];
  if (isStop(terms)) prices.push(terms.stopPrice);
  if (prices.some((price) => price < 1)) return "PRICE_TICK";
  const ranged = [hasLimit(terms) ? [terms.price] : [], isStop(terms) ? [terms.stopPrice] : []];
  const isInRange = (price: number) => price >= rules.minPrice && price <= rules.maxPrice;
  if (!ranged.flat().every(isInRange)) return "PRICE_RANGE";
  const percent = percentRangeAt(market, atMs);
  const isInPercent = terms.price >= percent.low && terms.price <= percent.high;
  return (
    refusalOfQuantity(rules, terms) ??
    refusalOfNotional(rules, terms, referenceAt(market, atMs)) ??
    (hasLimit(terms) && !isInPercent ? "PERCENT_PRICE" : undefined)
  );
}

function refusalOfQuantity(rules: MarketRules, terms: Values): Refusal | undefined {
  const { lots, quoteMinor } = terms;
  if (lots < 1) return "QTY_STEP";
  if (quoteMinor > 0n) return undefined; // the amount bounds it
  const own = hasLimit(terms)
    ? { step: rules.stepLots, min: rules.minLots, max: rules.maxLots }
    : { step: rules.marketStepLots, min: rules.marketMinLots, max: rules.marketMaxLots };
  if (lots % own.step !== 0) return "QTY_STEP";
  return lots < own.min || lots > own.max ? "QTY_RANGE" : undefined;
}

/** MARKET orders are measured at the average, stops without a limit at their stop price. */
function refusalOfNotional(
  rules: MarketRules,
  terms: Values,
  reference: number,
): Refusal | undefined {
  const scale = BigInt(rules.quoteScale);
  const ofStop = isStop(terms) ? terms.stopPrice : reference;
  const price = hasLimit(terms) ? terms.price : ofStop;
  const ofLots = BigInt(price) * BigInt(terms.lots) * scale;
  const minor = terms.quoteMinor > 0n ? terms.quoteMinor : ofLots;
  if (minor < BigInt(rules.minNotional) * scale) return "MIN_NOTIONAL";
  return minor > BigInt(rules.maxNotional) * scale ? "MAX_NOTIONAL" : undefined;
}

/** The live orders of an account in a market, the stops among them, and what its buys are to get. */
function liveOf(state: NaiveState, { market, account }: Placement) {
  const live = { orders: 0, stops: 0, buyLots: 0 };
  for (const order of state.orders.values()) {
    if (order.account !== account || order.market !== market) continue;
    live.orders++;
    if (order.place === "STOPS" || order.place === "READY") live.stops++;
    if (order.terms.side === "BUY") live.buyLots += order.remaining;
  }
  return live;
}

function refusalOfCounts(state: NaiveState, placement: Placement): Refusal | undefined {
  const { terms, market, orders, positionLots } = placement;
  const { rules } = market;
  const live = liveOf(state, placement);
  if (live.orders + orders > rules.maxOpenOrders) return "MAX_OPEN_ORDERS";
  if (isStop(terms) && live.stops + 1 > rules.maxStopOrders) return "MAX_STOP_ORDERS";
  const position = positionLots + live.buyLots + terms.lots;
  const isBounded = rules.maxPositionLots > 0 && terms.side === "BUY";
  if (isBounded && position > rules.maxPositionLots) return "MAX_POSITION";
  return rules.stpModes.includes(terms.stp) ? undefined : "STP_MODE_NOT_ALLOWED";
}

function refusalOfBook(market: NaiveMarket, terms: NewOrder): Refusal | undefined {
  if (isStop(terms)) {
    return holds(terms, terms.stopPrice, market.last) ? "WOULD_TRIGGER_IMMEDIATELY" : undefined;
  }
  const mayNotTrade = terms.isPostOnly || market.state === "PRE_OPEN";
  return mayNotTrade && crosses(market, terms.side, terms.price) ? "WOULD_CROSS" : undefined;
}

function isOpen({ state }: NaiveMarket, terms: NewOrder): boolean {
  return state === "TRADING" || (state === "PRE_OPEN" && isResting(terms));
}

/** Whether an id is that of a live order, or of one with a client key that ended lately. */
function isKnown(state: NaiveState, order: string): boolean {
  return state.orders.has(order) || isRecent(state, state.endedOrders.get(order));
}

/** Whether a live order of the account in the market has the client's id, or had within a day. */
function isKeyUsed(state: NaiveState, { terms, market, account }: Placement): boolean {
  if (terms.clientKey === "") return false;
  const live = state.orders
    .values()
    .some(
      (order) =>
        order.terms.clientKey === terms.clientKey &&
        order.account === account &&
        order.market === market,
    );
  const key = `${market.number}/${account}/${terms.clientKey}`;
  return live || isRecent(state, state.endedKeys.get(key));
}

function isRecent(state: NaiveState, endedMs: number | undefined): boolean {
  return endedMs !== undefined && state.atMs - endedMs < CLIENT_KEY_KEPT_MS;
}
