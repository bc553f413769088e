import { setInterval } from "node:timers";
import { CANDLE_SETTLED_MS, FEED_TICK_MS, MAX_FEED_WATCHERS } from "#mesh/limits.ts";
import type { Log } from "#mesh/log.ts";
import type { Metrics } from "#mesh/metrics.ts";
import { createSeats, type WatchSeats } from "#mesh/watch-seats.ts";
import type { Markets } from "../domain/markets.ts";
import type { Queries } from "../store/tables.ts";
import type { AppliedBatch, Writer } from "../writer/writer-api.ts";
import { type Books, createBooks } from "./books.ts";
import { type Candles, createCandles } from "./candles.ts";
import { readBatch } from "./read-batch.ts";
import { createStats, type Stats } from "./stats.ts";
import { createTickers, type Tickers } from "./tickers.ts";
import { createTrades, type Trades } from "./trades.ts";

/** What happens on the markets, for all who follow it in this process. */
export type Feed = Disposable & {
  readonly books: Pick<Books, "join">;
  readonly trades: Pick<Trades, "join">;
  readonly candles: Pick<Candles, "join">;
  readonly tickers: Pick<Tickers, "join">;
  readonly stats: Pick<Stats, "of">;
  /** Bounds how many follow (R3). */
  readonly seats: WatchSeats;
  /** Up to when all that happened is known, in milliseconds since 1970. */
  readonly settledMs: () => number;
};

type Source = {
  readonly db: { readonly sql: Queries };
  readonly markets: Markets;
  readonly writer: Pick<Writer, "flushed" | "onBatch" | "shown">;
  readonly log: Log;
  readonly metrics: Metrics;
};

/** Listens to the writer, and tells those who follow; with nobody there it costs next to nothing. */
export function createFeed({ db, markets, writer, log, metrics }: Source): Feed {
  const nowMs = () => Math.max(atMs, Date.now());
  const engine = () => writer.shown;
  let atMs = 0;
  const books = createBooks(engine, nowMs);
  const trades = createTrades();
  const stats = createStats({ db: db.sql, flushed: async () => writer.flushed(), nowMs });
  const candles = createCandles(stats);
  const tickers = createTickers({ stats, markets, engine });
  const parts = [books, trades, stats, tickers];
  const isFollowed = (market: number) => parts.some((part) => part.isFollowed(market));
  const apply = (batch: AppliedBatch) => {
    atMs = batch.atMs;
    for (const change of readBatch(batch, isFollowed)) {
      books.apply(change, batch);
      trades.apply(change);
      stats.apply(change);
      tickers.touch(change.no);
    }
  };
  /** A defect here must not end the writer, who calls; what it tears, sequences and numbers show. */
  const guarded = (what: string, work: () => void) => {
    try {
      work();
    } catch (error) {
      log.error({ err: error }, `the feeds have failed to ${what}`);
    }
  };
  const settledMs = () => Math.max(atMs, Date.now() - CANDLE_SETTLED_MS);
  const tick = () => {
    books.tick(nowMs());
    candles.tick(settledMs());
    tickers.tick(nowMs());
  };
  const hook = writer.onBatch((batch) => guarded("take a batch", () => apply(batch)));
  const timer = setInterval(() => guarded("tell", tick), FEED_TICK_MS);
  timer.unref();
  const count = () =>
    [books, trades, candles, tickers].reduce((sum, { readers }) => sum + readers(), 0);
  metrics.watch("mizan_feed_readers", "Streams of market data.", count);
  return {
    books,
    trades,
    candles,
    tickers,
    stats,
    seats: createSeats(MAX_FEED_WATCHERS),
    settledMs,
    [Symbol.dispose]: () => {
      clearInterval(timer);
      hook[Symbol.dispose]();
    },
  };
}
