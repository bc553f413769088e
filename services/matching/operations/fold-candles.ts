import { transaction } from "#mesh/database/transaction.ts";
import type { Looked } from "#mesh/events/waker.ts";
import { MAX_FOLDED_MARKETS, MAX_FOLDED_TRADES } from "#mesh/limits.ts";
import type { Matching } from "../context.ts";
import { INTERVALS, joinCandles, toSeconds } from "../domain/candles.ts";
import * as store from "../store/candles.ts";
import { tradesAfter } from "../store/read-trades.ts";

/** Folds trades into stored candles, each once and in order, first where it is furthest behind. */
export async function foldCandles(
  { db }: Pick<Matching, "db">,
  signal?: AbortSignal,
): Promise<Looked> {
  const markets = await store.unfoldedMarkets(db.sql, MAX_FOLDED_MARKETS);
  let most = 0;
  for (const market of markets) {
    signal?.throwIfAborted();
    most = Math.max(most, (await foldMarket({ db }, market)) ?? 0);
  }
  const hasMore = most === MAX_FOLDED_TRADES || markets.length === MAX_FOLDED_MARKETS;
  return markets.length === 0 ? undefined : hasMore;
}

/**
 * Folds the next trades of a market; returns how many there were, or undefined while somebody else
 * is at it.
 */
export async function foldMarket(
  { db }: Pick<Matching, "db">,
  market: string,
): Promise<number | undefined> {
  await store.beginProgress(db.sql, market);
  return transaction(db, async (tx) => {
    const after = await store.lockProgress(tx, market);
    if (after === undefined) return undefined;
    const trades = await tradesAfter(tx, market, { after, limit: MAX_FOLDED_TRADES });
    if (trades.length === 0) return 0;
    const seconds = toSeconds(trades);
    const candles = new Map(
      INTERVALS.map((interval) => [interval, joinCandles(seconds, interval)] as const),
    );
    await store.storeCandles(tx, market, { candles, tradeId: trades.at(-1)!.id });
    return trades.length;
  });
}
