import type { ListTradesRequest } from "#gen/mizan/matching/v1/market_service_pb.ts";
import type { Trade } from "#gen/mizan/matching/v1/trade_pb.ts";
import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Matching } from "../context.ts";
import { textsOf } from "../feed/market-texts.ts";
import { toTrade } from "../feed/trade-messages.ts";
import { listTrades } from "../store/read-trades.ts";
import { getListed } from "../domain/get-listed.ts";
import { rangeOf } from "./time-range.ts";

/**
 * One page of the trades of a market, the newest first, all that were told by now among them, and
 * the token of the next page. Throws MARKET_NOT_FOUND.
 */
export async function listPublicTrades(
  { db, markets, writer }: Pick<Matching, "db" | "markets" | "writer">,
  request: Omit<ListTradesRequest, "$typeName">,
): Promise<{ trades: Trade[]; nextPageToken: string }> {
  const market = getListed({ markets }, request.market);
  const { fromMs, beforeMs } = rangeOf(request);
  const list = ["trades", market.symbol, fromMs, beforeMs].join("/");
  const before = fromPageToken(request.pageToken, list)?.[0];
  const limit = pageSize(request.pageSize);
  if (before === undefined) await writer.flushed();
  const found = await listTrades(db.sql, market.symbol, {
    fromMs,
    beforeMs,
    beforeId: Number(before ?? Number.MAX_SAFE_INTEGER),
    limit: limit + 1,
  });
  const texts = textsOf(market);
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  return {
    trades: shown.map((trade) => toTrade(texts, trade)),
    nextPageToken: last ? toPageToken([String(last.id)], list) : "",
  };
}
