import type { GetOrderBookResponse } from "#gen/mizan/matching/v1/market_service_pb.ts";
import { BOOK_DEPTH_LEVELS } from "#mesh/limits.ts";
import type { Matching } from "../context.ts";
import { toOrderBook } from "../feed/book-messages.ts";
import { textsOf } from "../feed/market-texts.ts";
import { getListed } from "../domain/get-listed.ts";

/** The best levels of a book as it is now, and after which event that is. Throws MARKET_NOT_FOUND. */
export function getOrderBook(
  { markets, writer: { engine } }: Pick<Matching, "markets" | "writer">,
  { market: symbol, depth }: { readonly market: string; readonly depth: number },
): GetOrderBookResponse {
  const market = getListed({ markets }, symbol);
  const levels = depth || BOOK_DEPTH_LEVELS.usual;
  return toOrderBook(textsOf(market), {
    sequence: engine.market(market.no)?.seq ?? 0,
    bids: engine.depth(market.no, "BUY", levels),
    asks: engine.depth(market.no, "SELL", levels),
    atMs: Date.now(),
  });
}
