import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Candle as Message, CandleSchema } from "#gen/mizan/matching/v1/candle_pb.ts";
import {
  type WatchCandlesResponse,
  WatchCandlesResponseSchema,
} from "#gen/mizan/matching/v1/market_service_pb.ts";
import type { Candle, Interval } from "../domain/candles.ts";
import type { MarketTexts } from "./market-texts.ts";
import { told, type Told } from "./told.ts";

/** A candle as it is told; without one it is a sign of life. */
export type CandleTold = Told<WatchCandlesResponse> & { readonly openMs: number };

/** A candle, and whether its time is over. */
export type SeenCandle = { readonly candle: Candle; readonly isClosed: boolean };

/** A candle in the words of the contract. */
export function toCandle(texts: MarketTexts, { candle, isClosed }: SeenCandle): Message {
  return create(CandleSchema, {
    openTime: timestampFromMs(candle.openMs),
    open: texts.price(candle.open),
    high: texts.price(candle.high),
    low: texts.price(candle.low),
    close: texts.price(candle.close),
    volume: texts.size(candle.lots),
    quoteVolume: texts.quote(candle.units),
    tradeCount: BigInt(candle.trades),
    lastTradeId: BigInt(candle.lastId),
    isClosed,
  });
}

/** The channel of an interval. */
const candleChannel = (interval: Interval) => `candles:${interval}`;

/** Tells a candle, or nothing as a sign of life. */
export function tellCandle(
  texts: MarketTexts,
  interval: Interval,
  seen: SeenCandle | undefined,
): CandleTold {
  const topic = { channel: candleChannel(interval), market: texts.symbol };
  const one = told(WatchCandlesResponseSchema, topic, () =>
    create(WatchCandlesResponseSchema, seen && { candle: toCandle(texts, seen) }),
  );
  return Object.defineProperty(one, "openMs", { value: seen?.candle.openMs ?? 0 }) as CandleTold;
}
