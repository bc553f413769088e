import type { BookLevel } from "#gen/mizan/matching/v1/market_pb.ts";
import type { GetOrderBookResponse } from "#gen/mizan/matching/v1/market_service_pb.ts";
import { type Order, Order_StateSchema as StateSchema } from "#gen/mizan/matching/v1/order_pb.ts";
import type { Fill } from "#gen/mizan/matching/v1/trade_pb.ts";
import { withCommas } from "../amounts.ts";
import type { Actor } from "../stage.ts";
import { COIN, MARKET } from "./market.ts";

/** Lays the best prices of the book out, the asks above the bids. */
export async function bookTable({ calls }: Actor): Promise<string[]> {
  const book = await calls.markets.getOrderBook({ market: MARKET, depth: 5 });
  const asks = book.asks.toReversed().map((level) => line("ask", level));
  const bids = book.bids.map((level) => line("bid", level));
  return [`the book after event ${book.sequence}${checked(book)}:`, ...asks, ...bids];
}

function checked({ checksum }: GetOrderBookResponse): string {
  return `, checksum ${checksum}`;
}

function line(side: string, { price, size }: BookLevel): string {
  return `  ${side} ${size.padStart(10)} @ ${withCommas(price)}`;
}

/** An order in a sentence. */
export function orderText({ id, state, size, filledSize, price }: Order): string {
  const word = StateSchema.value[state]?.localName ?? "nowhere";
  const limit = price === "" ? "at the prices of the book" : `@ ${withCommas(price)}`;
  return `order ${id}: ${filledSize} of ${size} ${COIN} ${limit}, ${word}`;
}

/** A fill in a sentence. */
export function fillText({ tradeId, size, price, fee, isTaker }: Fill): string {
  const role = isTaker ? "taker" : "maker";
  const amounts = `${size} ${COIN} @ ${withCommas(price)}`;
  return `  trade ${tradeId}: ${amounts}, fee ${withCommas(fee)} IRR as ${role}`;
}
