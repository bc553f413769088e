import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type ExecutedTrade, ExecutedTradeSchema } from "#gen/mizan/matching/v1/events_pb.ts";
import { TradesExecutedSchema } from "#gen/mizan/matching/v1/events_pb.ts";
import { Side } from "#gen/mizan/matching/v1/order_pb.ts";
import { outboxRow } from "#mesh/events/outbox.ts";
import { uuidOf } from "#mesh/ids.ts";
import { MAX_EVENT_TRADES } from "#mesh/limits.ts";
import { fromMinor } from "#mesh/money.ts";
import type { TradeMoney } from "../domain/event-money.ts";
import { type ListedMarket, tickOf } from "../domain/listed-market.ts";
import { fromSteps } from "../domain/units.ts";
import type { EventRow, TradeRow } from "../store/result-rows.ts";

/** A trade with what it moves. */
export type Executed = { readonly row: TradeRow; readonly money: TradeMoney };

/**
 * The events that have billing settle the trades of a market and a batch (FLOW-16), numbered on from
 * those before; many trades make several.
 */
export function tradesExecuted(
  market: ListedMarket,
  trades: readonly Executed[],
  lastMessage: number,
): EventRow[] {
  const { symbol, base: baseAsset, quote: quoteAsset } = market;
  const rows: EventRow[] = [];
  for (let from = 0; from < trades.length; from += MAX_EVENT_TRADES) {
    const part = trades.slice(from, from + MAX_EVENT_TRADES);
    const message = create(TradesExecutedSchema, {
      market: symbol,
      baseAsset,
      quoteAsset,
      trades: part.map((trade) => toMessage(market, trade)),
    });
    const seq = lastMessage + rows.length + 1;
    rows.push(outboxRow(TradesExecutedSchema, { message, key: symbol, seq, token: symbol }));
  }
  return rows;
}

function toMessage(market: ListedMarket, { row, money }: Executed): ExecutedTrade {
  const { baseDecimals, quoteDecimals } = market.units;
  const quote = (minor: bigint) => fromMinor(minor, quoteDecimals);
  const isBuy = row.takerSide === "BUY";
  return create(ExecutedTradeSchema, {
    tradeId: BigInt(row.tradeId),
    buyerId: uuidOf(row.buyer),
    sellerId: uuidOf(row.seller),
    buyOrderId: uuidOf(isBuy ? row.takerOrder : row.makerOrder),
    sellOrderId: uuidOf(isBuy ? row.makerOrder : row.takerOrder),
    baseAmount: fromMinor(money.baseMinor, baseDecimals),
    quoteAmount: quote(money.quoteMinor),
    buyerFee: quote(money.buyerFeeMinor),
    sellerFee: quote(money.sellerFeeMinor),
    freedAmount: quote(money.freedMinor),
    price: fromSteps(row.price, tickOf(market)),
    takerSide: isBuy ? Side.BUY : Side.SELL,
    time: timestampFromMs(row.atMs),
  });
}
