import { MAX_FOLDED_TRADES } from "#mesh/limits.ts";
import { type Candle, toSeconds } from "../domain/candles.ts";
import { foldedTo, newestCandles, readCandles } from "../store/candles.ts";
import { tradesAfter } from "../store/read-trades.ts";
import type { Queries } from "../store/tables.ts";
import { keepCandles, type LiveCandles } from "./live-candles.ts";
import type { FedTrade } from "./read-batch.ts";
import { type RollingDay, rollDay } from "./rolling-day.ts";

/** What the trades of a market come to: its candles, its 24 hours, its last trade. */
export type MarketStats = {
  /**
   * Takes trades behind those that there are; those that are known change nothing. False when some
   * in between are missing: then they have to be read anew.
   */
  readonly add: (trades: readonly FedTrade[]) => boolean;
  readonly candles: Pick<LiveCandles, "of">;
  readonly day: Pick<RollingDay, "at">;
  /** The last trade; its number is 0 before the first. */
  readonly last: () => LastTrade;
};

/** What is told of the last trade. */
type LastTrade = Pick<FedTrade, "id" | "price" | "lots">;

/** Whose statistics are read, and when. */
export type StatsOf = { readonly market: string; readonly nowMs: number };

/** Reads what the stored trades of a market come to; what happens then has to be added. */
export async function readStats(db: Queries, { market, nowMs }: StatsOf): Promise<MarketStats> {
  const query = db.transaction().setIsolationLevel("repeatable read").setAccessMode("read only");
  return query.execute(async (tx) => {
    const folded = await foldedTo(tx, market);
    const newest = await newestCandles(tx, market);
    const range = { interval: "1m", fromMs: nowMs - DAY_MS, beforeMs: nowMs + DAY_MS } as const;
    const minutes = await readCandles(tx, market, { ...range, limit: 2 * DAY_MINUTES });
    const [last] = await tradesAfter(tx, market, { after: folded - 1, limit: 1 });
    const begin = folded > 0 ? last : undefined;
    const stats = statsOf(keepCandles(newest), minutes.toReversed(), begin);
    for (;;) {
      const next = { after: stats.last().id, limit: MAX_FOLDED_TRADES };
      const trades = await tradesAfter(tx, market, next);
      stats.add(trades);
      if (trades.length < MAX_FOLDED_TRADES) return stats;
    }
  });
}

function statsOf(
  candles: LiveCandles,
  minutes: readonly Candle[],
  begin: LastTrade = { id: 0, price: 0, lots: 0 },
): MarketStats {
  const day = rollDay();
  day.add(minutes);
  let last = begin;
  const add = (trades: readonly FedTrade[]) => {
    const after = trades.filter(({ id }) => id > last.id);
    if (after.length === 0) return true;
    if (after[0]!.id !== last.id + 1) return false;
    const seconds = toSeconds(after);
    candles.add(seconds);
    day.add(seconds);
    last = after.at(-1)!;
    return true;
  };
  return { add, candles, day, last: () => last };
}

const DAY_MINUTES = 24 * 60;
const DAY_MS = DAY_MINUTES * 60_000;
