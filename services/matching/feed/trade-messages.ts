import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Side } from "#gen/mizan/matching/v1/order_pb.ts";
import {
  type WatchTradesResponse,
  WatchTradesResponseSchema,
} from "#gen/mizan/matching/v1/market_service_pb.ts";
import { type Trade, TradeSchema } from "#gen/mizan/matching/v1/trade_pb.ts";
import type { MarketTexts } from "./market-texts.ts";
import type { FedTrade } from "./read-batch.ts";
import { told, type Told } from "./told.ts";

/** Trades that are told together; without any it is a sign of life. */
export type TradesTold = Told<WatchTradesResponse> & { readonly trades: readonly FedTrade[] };

/** A trade in the words of the contract. */
export function toTrade(texts: MarketTexts, trade: FedTrade): Trade {
  const { id, seq, price, lots, takerBuys, atMs } = trade;
  return create(TradeSchema, {
    market: texts.symbol,
    id: BigInt(id),
    price: texts.price(price),
    size: texts.size(lots),
    quoteSize: texts.quote(BigInt(price) * BigInt(lots)),
    takerSide: takerBuys ? Side.BUY : Side.SELL,
    time: timestampFromMs(atMs),
    sequence: BigInt(seq),
  });
}

/** Tells trades. */
export function tellTrades(texts: MarketTexts, trades: readonly FedTrade[]): TradesTold {
  const one = told(WatchTradesResponseSchema, { channel: "trades", market: texts.symbol }, () =>
    create(WatchTradesResponseSchema, { trades: trades.map((trade) => toTrade(texts, trade)) }),
  );
  return Object.defineProperty(one, "trades", { value: trades }) as TradesTold;
}
