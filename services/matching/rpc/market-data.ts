import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { MarketService } from "#gen/mizan/matching/v1/market_service_pb.ts";
import { callerKey, principalOf } from "#mesh/access.ts";
import { clientKey } from "#mesh/client.ts";
import { deadlineKey } from "#mesh/deadline.ts";
import { networkOf } from "#mesh/network.ts";
import { ruleOf } from "#mesh/rule.ts";
import type { Feeding } from "../context.ts";
import type { Watch } from "../operations/follow.ts";
import { getOrderBook } from "../operations/get-order-book.ts";
import { getTicker } from "../operations/get-ticker.ts";
import { intervalOf, listCandles } from "../operations/list-candles.ts";
import { listPublicTrades } from "../operations/list-public-trades.ts";
import { watchCandles } from "../operations/watch-candles.ts";
import { watchOrderBook } from "../operations/watch-order-book.ts";
import { watchTickers } from "../operations/watch-tickers.ts";
import { watchTrades } from "../operations/watch-trades.ts";

type MarketData = Omit<ServiceImpl<typeof MarketService>, "listMarkets" | "getMarket">;

/** The methods of MarketService that show what happens on the markets. */
export const marketData = (feeding: Feeding): MarketData => ({
  getOrderBook: async (request) => getOrderBook(feeding, request),
  getTicker: async ({ market }) => ({ ticker: await getTicker(feeding, market) }),
  listTrades: async (request) => listPublicTrades(feeding, request),
  listCandles: async (request) => listCandles(feeding, request),
  watchOrderBook: async function* watchBook({ afterSequence, ...request }, context) {
    const wanted = { ...request, afterSequence: Number(afterSequence) };
    for await (const { message } of watchOrderBook(feeding, wanted, watchOf(context)))
      yield message;
  },
  watchTrades: async function* watchTape({ market, afterTradeId }, context) {
    const after = Number(afterTradeId);
    const wanted = { market, ...(after > 0 && { afterTradeId: after }) };
    for await (const { message } of watchTrades(feeding, wanted, watchOf(context))) yield message;
  },
  watchCandles: async function* watchChart({ market, interval }, context) {
    const wanted = { market, interval: intervalOf(interval) };
    for await (const { message } of watchCandles(feeding, wanted, watchOf(context))) yield message;
  },
  watchTickers: async function* watchAll({ markets }, context) {
    for await (const { message } of watchTickers(feeding, markets, watchOf(context))) yield message;
  },
});

/** Who follows, and until when: the caller's deadline, or the longest time of the method. */
function watchOf({ method, values, signal }: HandlerContext): Watch {
  const longestMs = ruleOf(method)?.maxTimeoutMs ?? 0;
  const endMs = Math.min(values.get(deadlineKey) ?? Infinity, Date.now() + longestMs);
  const ip = values.get(clientKey)?.ip;
  return {
    who: ip === undefined ? principalOf(values.get(callerKey)) : networkOf(ip),
    signal,
    endMs,
  };
}
