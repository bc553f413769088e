import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import * as wire from "#gen/mizan/matching/v1/market_pb.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Fee, MarketState } from "../domain/command.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { fromSteps } from "../domain/units.ts";
import { toStp } from "./order-words.ts";

/** A market as others are told of it, with all that it accepts; in the state that the engine knows. */
export function toMarket(market: ListedMarket, state: MarketState = market.state): wire.Market {
  const { symbol, base, quote, units, createdMs, updatedMs } = market;
  return create(wire.MarketSchema, {
    symbol,
    baseAsset: base,
    quoteAsset: quote,
    tickSize: fromSteps(1, units.tick),
    lotSize: fromSteps(1, units.lot),
    state: wire.Market_State[state],
    rules: toRules(market),
    createTime: timestampFromMs(createdMs),
    updateTime: timestampFromMs(updatedMs),
  });
}

function toRules({ terms, units, scales }: ListedMarket) {
  const { rules, maker, taker, defaultStp } = terms;
  const price = (ticks: number) => fromSteps(ticks, units.tick);
  const size = (lots: number) => fromSteps(lots, units.lot);
  const quote = (minor: bigint) => fromMinor(minor, units.quoteDecimals);
  const toFee = ({ ppm, perLot }: Fee) => ({ ppm, perLot: quote(BigInt(perLot)) });
  return create(wire.MarketRulesSchema, {
    makerFee: toFee(maker),
    takerFee: toFee(taker),
    minPrice: price(rules.minPrice),
    maxPrice: price(rules.maxPrice),
    size: { min: size(rules.minLots), max: size(rules.maxLots), step: size(rules.stepLots) },
    marketSize: {
      min: size(rules.marketMinLots),
      max: size(rules.marketMaxLots),
      step: size(rules.marketStepLots),
    },
    minNotional: quote(BigInt(rules.minNotional) * scales.quoteScale),
    maxNotional: quote(BigInt(rules.maxNotional) * scales.quoteScale),
    percentPriceLowPpm: rules.percentLowPpm,
    percentPriceHighPpm: rules.percentHighPpm,
    priceBandPpm: rules.priceBandPpm,
    listingPrice: price(rules.listingPrice),
    maxOpenOrders: rules.maxOpenOrders,
    maxStopOrders: rules.maxStopOrders,
    maxPosition: rules.maxPositionLots === 0 ? "" : size(rules.maxPositionLots),
    maxAmendments: rules.maxAmends,
    maxIcebergParts: rules.maxIcebergParts,
    selfTradePreventions: rules.stpModes.map(toStp),
    defaultSelfTradePrevention: toStp(defaultStp),
  });
}
