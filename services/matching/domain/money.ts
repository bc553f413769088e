import type { Fee, NewOrder } from "./command.ts";
import type { OrderFacts } from "./event.ts";

/** What an order pays (FUND-4), as its tier says. */
export type FeeRates = { readonly maker: Fee; readonly taker: Fee };

/** Minor units of base in a lot, and of quote in one tick times one lot (UNIT-2). */
export type Scales = { readonly baseScale: bigint; readonly quoteScale: bigint };

/** The fills of an order, summed up. */
export type Fills = Pick<OrderFacts, "filledLots" | "filledUnits" | "takerLots" | "takerUnits">;

/**
 * The fee of all fills of an order so far, in minor units of quote (FUND-4): the sums per lot, and
 * the parts per million of the summed notional, rounded up once.
 */
export function feeMinor(fills: Fills, rates: FeeRates, quoteScale: bigint): bigint {
  return perLot(fills, rates) + roundUp(weighted(fills, rates) * quoteScale);
}

/** The fills of an order and `lots` at `price` more, that it takes or makes. */
export function addFill(
  fills: Fills,
  fill: { readonly lots: number; readonly price: number; readonly isTaker: boolean },
): Fills {
  const units = fill.lots * fill.price;
  return {
    filledLots: fills.filledLots + fill.lots,
    filledUnits: fills.filledUnits + units,
    takerLots: fills.takerLots + (fill.isTaker ? fill.lots : 0),
    takerUnits: fills.takerUnits + (fill.isTaker ? units : 0),
  };
}

/** What of an order its hold has to cover. */
export type Held = Fills & Pick<OrderFacts, "side" | "reservePrice" | "quoteMinor" | "remaining">;

/**
 * What the rest of a live order needs held: of a sell its base; of a buy by quantity the reserve
 * notional and what the fee grows by if all of it is filled there at the higher rates (FUND-2,
 * FUND-5); of a buy by amount what is not spent of it. In minor units of the asset that it gives.
 */
export function needMinor(order: Held, rates: FeeRates, scales: Scales): bigint {
  if (order.side === "SELL") return BigInt(order.remaining) * scales.baseScale;
  if (order.quoteMinor > 0n) return order.quoteMinor - usedMinor(order, rates, scales);
  const units = BigInt(order.reservePrice) * BigInt(order.remaining);
  const ppm = BigInt(Math.max(rates.maker.ppm, rates.taker.ppm));
  const sum = BigInt(Math.max(rates.maker.perLot, rates.taker.perLot));
  const highest =
    perLot(order, rates) +
    sum * BigInt(order.remaining) +
    roundUp((weighted(order, rates) + units * ppm) * scales.quoteScale);
  return units * scales.quoteScale + highest - feeMinor(order, rates, scales.quoteScale);
}

/** What a new order holds (FUND-2), in minor units of quote for a buy and of base for a sell. */
export function holdMinor(
  order: Pick<NewOrder, "side" | "lots" | "reservePrice" | "quoteMinor">,
  rates: FeeRates,
  scales: Scales,
): bigint {
  return needMinor({ ...noFills, ...order, remaining: order.lots }, rates, scales);
}

/** What one of two orders of which one happens holds: the larger need. */
export function ocoHoldMinor(
  legs: { readonly limit: NewOrder; readonly stop: NewOrder },
  rates: { readonly limit: FeeRates; readonly stop: FeeRates },
  scales: Scales,
): bigint {
  const limit = holdMinor(legs.limit, rates.limit, scales);
  const stop = holdMinor(legs.stop, rates.stop, scales);
  return limit > stop ? limit : stop;
}

/** What the fills of an order took of its hold: a buy quote and fees, a sell its base. */
export function usedMinor(
  order: Fills & Pick<OrderFacts, "side">,
  rates: FeeRates,
  scales: Scales,
): bigint {
  if (order.side === "SELL") return BigInt(order.filledLots) * scales.baseScale;
  const cost = BigInt(order.filledUnits) * scales.quoteScale;
  return cost + feeMinor(order, rates, scales.quoteScale);
}

/** An order without fills. */
export const noFills: Fills = { filledLots: 0, filledUnits: 0, takerLots: 0, takerUnits: 0 };

const MILLION = 1_000_000n;

function roundUp(millionths: bigint): bigint {
  return (millionths + MILLION - 1n) / MILLION;
}

/** Σ notional × ppm over the fills, in ticks times lots. */
function weighted(fills: Fills, rates: FeeRates): bigint {
  const made = BigInt(fills.filledUnits - fills.takerUnits) * BigInt(rates.maker.ppm);
  return made + BigInt(fills.takerUnits) * BigInt(rates.taker.ppm);
}

function perLot(fills: Fills, rates: FeeRates): bigint {
  const made = BigInt(fills.filledLots - fills.takerLots) * BigInt(rates.maker.perLot);
  return made + BigInt(fills.takerLots) * BigInt(rates.taker.perLot);
}
