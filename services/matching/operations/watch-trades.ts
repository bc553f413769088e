import { MAX_TOLD_TRADES, WATCH_SIGN_MS } from "#mesh/limits.ts";
import type { Feeding } from "../context.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { textsOf } from "../feed/market-texts.ts";
import { tellTrades, type TradesTold } from "../feed/trade-messages.ts";
import { tradesAfter } from "../store/read-trades.ts";
import { getListed } from "../domain/get-listed.ts";
import { follow, type Watch } from "./follow.ts";

/** Which trades are followed, and from where. */
export type WatchedTrades = {
  readonly market: string;
  /** The last trade that is known; undefined begins with so many of the latest. */
  readonly afterTradeId?: number;
  readonly latest?: number;
};

/**
 * Trades in their order, without a gap: those behind one that is known, from their rows, then those
 * that happen. Throws MARKET_NOT_FOUND, OVERLOADED, and what ends a stream.
 */
export async function* watchTrades(
  { db, markets, feed, writer }: Pick<Feeding, "db" | "markets" | "feed" | "writer">,
  { market: symbol, afterTradeId, latest = 0 }: WatchedTrades,
  watch: Watch,
): AsyncGenerator<TradesTold> {
  const market = getListed({ markets }, symbol);
  using _ = feed.seats.of(watch.who);
  const now = writer.engine.market(market.no)?.tradeId ?? 0;
  const begin = Math.min(afterTradeId ?? Math.max(0, now - latest), now);
  const texts = textsOf(market);
  let last = begin;
  const missed = async function* missed() {
    await writer.flushed();
    for await (const trades of pagesAfter({ db }, market, last)) {
      watch.signal.throwIfAborted();
      last = trades.at(-1)!.id;
      yield tellTrades(texts, trades);
    }
  };
  yield* missed(); // from far behind it takes a while, and nothing has to wait for the reader yet
  using reader = feed.trades.join(market);
  yield* missed();
  if (last === begin) yield tellTrades(texts, []);
  for await (const some of follow(reader.backlog, watch, watch.signMs ?? WATCH_SIGN_MS)) {
    for (const told of some) {
      const trades = told.trades.filter(({ id }) => id > last);
      last = trades.at(-1)?.id ?? last;
      if (trades.length === told.trades.length) yield told;
      else if (trades.length > 0) yield tellTrades(texts, trades);
    }
    if (some.length === 0) yield tellTrades(texts, []);
  }
}

async function* pagesAfter({ db }: Pick<Feeding, "db">, { symbol }: ListedMarket, begin: number) {
  for (let after = begin; ;) {
    const trades = await tradesAfter(db.sql, symbol, { after, limit: MAX_TOLD_TRADES });
    if (trades.length > 0) yield trades;
    if (trades.length < MAX_TOLD_TRADES) return;
    after = trades.at(-1)!.id;
  }
}
