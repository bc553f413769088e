import { timestampMs } from "@bufbuild/protobuf/wkt";
import type * as wire from "#gen/mizan/matching/v1/order_service_pb.ts";
import { derivedId } from "#mesh/ids.ts";
import type { NewOrder, OrderId, OrderType, TimeInForce } from "../domain/command.ts";
import type { Refusal } from "../domain/event.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { coveredLots, protectivePrice } from "../domain/protective-price.ts";
import { toLots, toTicks } from "../domain/units.ts";
import { minorOf } from "./minor-of.ts";
import { fromSide, fromStp, fromTimeInForce, fromType } from "./order-words.ts";

/** A new order as the engine takes it, and what is wrong with it that only its text shows. */
export type ReadOrder = { readonly order: NewOrder; readonly problem: Refusal | undefined };

/** What a new order is read with: its market, whose average price is in ticks. */
export type ReadingTerms = { readonly market: ListedMarket; readonly reference: number };

/**
 * Reads a new order. A value that is no whole number of ticks or lots is 0, which the engine refuses
 * in its turn (UNIT-4). Fields that don't go together are a problem of INVALID_COMBINATION, told
 * only where nothing comes before it in section 7.
 */
export function readNewOrder(
  asked: wire.NewOrder,
  id: OrderId,
  { market, reference }: ReadingTerms,
): ReadOrder {
  const { terms } = market;
  const side = fromSide(asked.side)!;
  const type = fromType(asked.type) ?? "LIMIT";
  const amounts = readAmounts(asked, market);
  const priced = { ...amounts, side, type, rules: terms.rules, reference };
  const price = type === "MARKET" ? protectivePrice(priced) : amounts.price;
  // What can't be read is told as such, and not as fields that don't go together.
  const least = amounts.problem === "PRICE_TICK" ? 1 : 0;
  const reserve = amounts.reservePrice === 0 ? Math.max(least, price) : amounts.reservePrice;
  const isSpendingBuy = side === "BUY" && amounts.quoteMinor > 0n;
  const order: NewOrder = {
    order: id,
    side,
    type,
    timeInForce: timeInForceOf(asked, type),
    price,
    lots: asked.size === "" && amounts.quoteMinor > 0n ? coveredLots(priced) : amounts.lots,
    reservePrice: side === "SELL" || (isSpendingBuy && type === "MARKET") ? 0 : reserve,
    quoteMinor: amounts.quoteMinor,
    limitUnits: amounts.limitUnits,
    stopPrice: amounts.stopPrice,
    isPostOnly: asked.postOnly,
    stp: fromStp(asked.selfTradePrevention) ?? terms.defaultStp,
    tier: 0, // the writer knows its number
    expireMs: asked.expireTime === undefined ? 0 : timestampMs(asked.expireTime),
    visibleLots: amounts.problem === "QTY_STEP" ? 0 : amounts.visibleLots,
    clientKey: clientKeyOf(asked.clientOrderId),
  };
  const fits = fieldsFit(asked, type) && amounts.areAmounts;
  return { order, problem: fits ? amounts.problem : "INVALID_COMBINATION" };
}

/** The engine's name for what a client calls its order. */
export function clientKeyOf(clientOrderId: string): string {
  return clientOrderId === "" ? "" : derivedId(clientOrderId).slice(0, 16);
}

/** Reads the decimals of an order; what is left out is 0, and 0 itself is as wrong as a part of a step. */
function readAmounts(asked: wire.NewOrder, { units, scales }: ListedMarket) {
  const ticks = (text: string) => (text === "" ? 0 : toTicks(text, units.tick) || undefined);
  const lots = (text: string) => (text === "" ? 0 : toLots(text, units.lot) || undefined);
  const [quoteMinor, limitMinor] = [asked.quoteSize, asked.quoteLimit].map((text) =>
    text === "" ? 0n : minorOf(text, units.quoteDecimals),
  );
  const prices = [asked.price, asked.stopPrice, asked.reservePrice].map(ticks);
  const sizes = [asked.size, asked.visibleSize].map(lots);
  const [price = 0, stopPrice = 0, reservePrice = 0] = prices;
  const [size = 0, visibleLots = 0] = sizes;
  const problem = problemOf(prices, sizes);
  const isSell = fromSide(asked.side) === "SELL";
  const limitUnits = unitsOf(limitMinor ?? 0n, scales.quoteScale, isSell);
  // An amount of nothing is none that can be spent, rather than an order by size.
  const areAmounts =
    quoteMinor !== undefined &&
    limitMinor !== undefined &&
    !(asked.quoteSize !== "" && quoteMinor === 0n) &&
    !(asked.quoteLimit !== "" && limitUnits === 0);
  return {
    price,
    stopPrice,
    reservePrice,
    lots: size,
    visibleLots,
    quoteMinor: quoteMinor ?? 0n,
    limitUnits,
    problem,
    areAmounts,
  };
}

function problemOf(
  prices: readonly (number | undefined)[],
  sizes: readonly (number | undefined)[],
): Refusal | undefined {
  if (prices.includes(undefined)) return "PRICE_TICK";
  return sizes.includes(undefined) ? "QTY_STEP" : undefined;
}

/** A bound of a total in ticks times lots: the cost of a buy is within it, the proceeds of a sell too. */
function unitsOf(minor: bigint, quoteScale: bigint, isSell: boolean): number {
  const units = (minor + (isSell ? quoteScale - 1n : 0n)) / quoteScale;
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(units < most ? units : most);
}

function timeInForceOf(asked: wire.NewOrder, type: OrderType): TimeInForce {
  return type === "MARKET" ? "IOC" : (fromTimeInForce(asked.timeInForce) ?? "GTC");
}

/** Whether an order says what its type needs, and nothing else (section 2). */
function fieldsFit(asked: wire.NewOrder, type: OrderType): boolean {
  const has = (name: TextField) => asked[name] !== "";
  const hasLimit = type === "LIMIT" || type === "STOP_LIMIT" || type === "TAKE_PROFIT_LIMIT";
  const isStop = type !== "LIMIT" && type !== "MARKET";
  const isSell = fromSide(asked.side) === "SELL";
  const time = fromTimeInForce(asked.timeInForce);
  const sizes = has("quoteSize") ? !hasLimit && (isSell || !has("size")) : has("size");
  return (
    sizes &&
    has("price") === hasLimit &&
    has("stopPrice") === isStop &&
    !(has("reservePrice") && (isSell || type === "MARKET")) &&
    !(type === "MARKET" && time !== undefined) &&
    (time === "GTD") === (asked.expireTime !== undefined) &&
    !(has("quoteLimit") && time !== "FOK")
  );
}

type TextField =
  | "price"
  | "size"
  | "quoteSize"
  | "stopPrice"
  | "reservePrice"
  | "quoteLimit"
  | "visibleSize";
