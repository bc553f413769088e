import { create, toJson } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  BookLevelSchema,
  Market_State,
  type Ticker,
  TickerSchema,
} from "#gen/mizan/matching/v1/market_pb.ts";
import {
  type WatchTickersResponse,
  WatchTickersResponseSchema,
} from "#gen/mizan/matching/v1/market_service_pb.ts";
import type { Side } from "../domain/command.ts";
import type { MarketStats } from "./market-stats.ts";
import type { MarketTexts } from "./market-texts.ts";
import type { FedBatch } from "./read-batch.ts";
import type { Told } from "./told.ts";

/** What a ticker is made of. */
export type TickerSource = {
  readonly texts: MarketTexts;
  readonly engine: FedBatch["engine"];
  readonly stats: Pick<MarketStats, "day" | "last">;
  readonly nowMs: number;
};

/** A ticker that is told to many. */
export type TickerTold = {
  readonly no: number;
  readonly ticker: Ticker;
  /** Tells two tickers apart by all but their times. */
  readonly key: string;
  /** As the texts of WebSockets have it. */
  readonly json: string;
};

/** The last 24 hours of a market, and its best prices. */
export function toTicker({ texts, engine, stats, nowMs }: TickerSource): Ticker {
  const view = engine.market(texts.no);
  const [last, day] = [stats.last(), stats.day.at(nowMs)];
  const price = (ticks = 0) => (ticks === 0 ? "" : texts.price(ticks));
  const best = (side: Side) => {
    const [level] = engine.depth(texts.no, side, 1);
    if (level === undefined) return undefined;
    return create(BookLevelSchema, { price: price(level.price), size: texts.size(level.lots) });
  };
  const [bid, ask] = [best("BUY"), best("SELL")];
  return create(TickerSchema, {
    market: texts.symbol,
    sequence: BigInt(view?.seq ?? 0),
    lastPrice: price(last.price),
    lastSize: last.id === 0 ? "" : texts.size(last.lots),
    ...(bid && { bid }),
    ...(ask && { ask }),
    openPrice: price(day?.open),
    highPrice: price(day?.high),
    lowPrice: price(day?.low),
    baseVolume: texts.size(day?.lots ?? 0n),
    quoteVolume: texts.quote(day?.units ?? 0n),
    tradeCount: BigInt(day?.trades ?? 0),
    averagePrice: price(view?.reference),
    state: Market_State[view?.state ?? "UNSPECIFIED"],
    time: timestampFromMs(nowMs),
  });
}

/** Makes a ticker ready to be told. */
export function tellTicker(source: TickerSource): TickerTold {
  const ticker = toTicker(source);
  const {
    time: _,
    sequence: __,
    ...rest
  } = toJson(TickerSchema, ticker) as Record<string, unknown>;
  const json = JSON.stringify(toJson(TickerSchema, ticker));
  return { no: source.texts.no, ticker, key: JSON.stringify(rest), json };
}

/** Tells tickers together; none are a sign of life. */
export function tellTickers(tickers: readonly TickerTold[]): Told<WatchTickersResponse> {
  const all = tickers.map(({ ticker }) => ticker);
  return {
    get message() {
      return create(WatchTickersResponseSchema, { tickers: all });
    },
    get text() {
      const list = tickers.map(({ json }) => json).join(",");
      return Buffer.from(`{"channel":"tickers","tickers":[${list}]}`);
    },
  };
}
