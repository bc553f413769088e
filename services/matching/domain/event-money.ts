import { strict as assert } from "node:assert";
import type { Event, OrderFacts, TradeEvent } from "./event.ts";
import { type FeeRates, type Scales, feeMinor, needMinor } from "./money.ts";

/** The fee rates of a tier that a command has made known. */
export type RatesOf = (tier: number) => FeeRates;

/** What a trade moves (FLOW-16), in minor units. */
export type TradeMoney = {
  /** Price times quantity, from the buyer's hold to the seller. */
  readonly quoteMinor: bigint;
  /** From the seller's hold to the buyer. */
  readonly baseMinor: bigint;
  /** From the buyer's hold, in quote. */
  readonly buyerFeeMinor: bigint;
  /** From what the seller gets, in quote. */
  readonly sellerFeeMinor: bigint;
  /** Back from the buyer's hold to the buyer, in quote (FUND-5). */
  readonly freedMinor: bigint;
};

/** What the accounts of a trade pay, get and get back, from the two orders as they are after it. */
export function tradeMoney(trade: TradeEvent, ratesOf: RatesOf, scales: Scales): TradeMoney {
  const isTakerBuyer = trade.taker.side === "BUY";
  const buyer = isTakerBuyer ? trade.taker : trade.maker;
  const seller = isTakerBuyer ? trade.maker : trade.taker;
  const before = beforeFill(buyer, trade, isTakerBuyer);
  const rates = ratesOf(buyer.tier);
  const quoteMinor = BigInt(trade.price) * BigInt(trade.lots) * scales.quoteScale;
  const buyerFeeMinor = feeGrowth(before, buyer, rates, scales);
  const needed = needMinor(before, rates, scales) - needMinor(buyer, rates, scales);
  return {
    quoteMinor,
    baseMinor: BigInt(trade.lots) * scales.baseScale,
    buyerFeeMinor,
    sellerFeeMinor: feeGrowth(
      beforeFill(seller, trade, !isTakerBuyer),
      seller,
      ratesOf(seller.tier),
      scales,
    ),
    freedMinor: needed - quoteMinor - buyerFeeMinor,
  };
}

/** A part of a hold that goes back to the account outside of a trade (FLOW-17). */
export type Release = {
  /** The order as it is after the event; the release is number `releases` of its `hold`. */
  readonly facts: OrderFacts;
  /** More than 0; of quote for a buy and of base for a sell. */
  readonly minor: bigint;
};

/**
 * What an event frees of the holds of its orders, but for a trade, which frees in its own chain.
 * Of an amendment that was covered by an extra hold it is what that hold had too much of, which
 * `extraHoldMinor` tells: an order may have been filled in between.
 */
export function releasesOf(
  event: Event,
  ratesOf: RatesOf,
  scales: Scales,
  extraHoldMinor = 0n,
): Release[] {
  const need = (facts: OrderFacts) => needMinor(facts, ratesOf(facts.tier), scales);
  const lostNeed = (facts: OrderFacts, lots: number, isOver: boolean) =>
    need({ ...facts, remaining: facts.remaining + lots }) - (isOver ? 0n : need(facts));
  switch (event.kind) {
    case "AMENDED":
      if (isMove(event)) return freed(event.facts, extraHoldMinor);
      return freedByAmend(event, extraHoldMinor + need(beforeAmend(event)) - need(event.facts));
    case "REJECTED":
    case "CANCELLED":
    case "EXPIRED":
    case "CLOSED":
      return freed(event.facts, need(event.facts) - need(siblingOf(event)));
    case "PREVENTED":
      return [
        ...freed(event.taker, lostNeed(event.taker, event.takerPrevented, event.takerEnds)),
        ...freed(event.maker, lostNeed(event.maker, event.makerPrevented, event.makerEnds)),
      ];
    default:
      return [];
  }
}

function freed(facts: OrderFacts, minor: bigint): Release[] {
  return minor > 0n ? [{ facts, minor }] : [];
}

/** The engine refuses what would need more than is held, so that nothing can lack here. */
function freedByAmend({ facts }: Event & { kind: "AMENDED" }, minor: bigint): Release[] {
  assert(minor >= 0n, "an amended order needs no more than is held");
  return freed(facts, minor);
}

/** The order as it was before a fill. */
function beforeFill(facts: OrderFacts, fill: TradeEvent, isTaker: boolean): OrderFacts {
  const units = fill.price * fill.lots;
  return {
    ...facts,
    remaining: facts.remaining + fill.lots,
    filledLots: facts.filledLots - fill.lots,
    filledUnits: facts.filledUnits - units,
    takerLots: facts.takerLots - (isTaker ? fill.lots : 0),
    takerUnits: facts.takerUnits - (isTaker ? units : 0),
  };
}

function feeGrowth(
  before: OrderFacts,
  after: OrderFacts,
  rates: FeeRates,
  { quoteScale }: Scales,
): bigint {
  return feeMinor(after, rates, quoteScale) - feeMinor(before, rates, quoteScale);
}

/** Whether an order needs what it needed: most amendments change the price alone (FUND-3). */
function isMove({ facts, oldReservePrice, oldRemaining }: Event & { kind: "AMENDED" }): boolean {
  return facts.reservePrice === oldReservePrice && facts.remaining === oldRemaining;
}

function beforeAmend(event: Event & { kind: "AMENDED" }): OrderFacts {
  const { facts, oldReservePrice, oldRemaining } = event;
  return { ...facts, reservePrice: oldReservePrice, remaining: oldRemaining };
}

/** The leg of an OCO that the hold goes on to cover; without one, an order that needs nothing. */
function siblingOf(event: {
  readonly facts: OrderFacts;
  readonly siblingReservePrice: number;
}): OrderFacts {
  const { facts, siblingReservePrice: reservePrice } = event;
  const nothing = { ...facts, remaining: 0, quoteMinor: 0n };
  return reservePrice > 0 ? { ...facts, reservePrice } : nothing;
}
