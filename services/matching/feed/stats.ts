import { MAX_STATS_READS, MAX_WAITING_TRADES } from "#mesh/limits.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import type { Queries } from "../store/tables.ts";
import { type MarketStats, readStats } from "./market-stats.ts";
import type { FedTrade, MarketBatch } from "./read-batch.ts";

/** What the trades of markets come to, of those that somebody has asked for. */
export type Stats = {
  readonly isFollowed: (market: number) => boolean;
  readonly apply: (change: MarketBatch) => void;
  /** Those of a market, which are read when nobody has asked before. */
  readonly of: (market: ListedMarket) => Promise<MarketStats>;
  /** Those of a market if they are there. */
  readonly known: (market: number) => MarketStats | undefined;
};

type Source = {
  readonly db: Queries;
  /** Settles when the rows of all that was told by now are committed. */
  readonly flushed: () => Promise<void>;
  readonly nowMs: () => number;
};

/** Keeps statistics up with the trades, from when they were asked for first. */
export function createStats(source: Source): Stats {
  const all = new Map<number, Kept>();
  const inTurn = takeTurns(MAX_STATS_READS);
  const load = async (market: ListedMarket, kept: Kept): Promise<MarketStats> => {
    for (;;) {
      const stats = await inTurn(async () => {
        await source.flushed();
        return readStats(source.db, { market: market.symbol, nowMs: source.nowMs() });
      });
      // What was told while they were read is in both, or behind what was read.
      const isWhole = stats.add(kept.waiting);
      kept.waiting = [];
      if (isWhole) return (kept.stats = stats);
    }
  };
  const begin = (market: ListedMarket): Promise<MarketStats> => {
    const kept: Kept = { market, waiting: [], stats: undefined, loading: undefined };
    all.set(market.no, kept);
    return reload(kept);
  };
  const reload = async (kept: Kept): Promise<MarketStats> => {
    kept.stats = undefined;
    kept.loading = load(kept.market, kept);
    try {
      return await kept.loading;
    } catch (error) {
      all.delete(kept.market.no); // whoever asks next begins anew
      throw error;
    }
  };
  return {
    isFollowed: (market) => all.has(market),
    apply: ({ no, trades }) => {
      const kept = all.get(no);
      if (kept === undefined || trades.length === 0) return;
      if (kept.stats === undefined) {
        // More than may wait leaves a gap, and they are read once more.
        if (kept.waiting.length > MAX_WAITING_TRADES) kept.waiting = [];
        kept.waiting.push(...trades);
      } else if (!kept.stats.add(trades)) {
        kept.waiting = [...trades];
        reload(kept).catch(() => {});
      }
    },
    of: async (market) => {
      const kept = all.get(market.no);
      return kept?.stats ?? kept?.loading ?? begin(market);
    },
    known: (market) => all.get(market)?.stats,
  };
}

/** Does so many things at a time, so that connections are left to others; the rest waits. */
function takeTurns(most: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < most) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

type Kept = {
  readonly market: ListedMarket;
  waiting: FedTrade[];
  stats: MarketStats | undefined;
  loading: Promise<MarketStats> | undefined;
};
