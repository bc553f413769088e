import { setTimeout as sleep } from "node:timers/promises";
import { CANDLES_IDLE_MS } from "#mesh/limits.ts";
import type { Feeding } from "../context.ts";
import type { Candle, Interval } from "../domain/candles.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { foldedTo, readCandles } from "../store/candles.ts";
import { foldMarket } from "./fold-candles.ts";

/** Which candles are read, by their openings; the newest ones. */
export type ReadRange = {
  readonly fromMs: number;
  readonly beforeMs: number;
  readonly limit: number;
};

/** The candles of a market, the newest first: stored ones, and those that memory knows better. */
export async function candlesOf(
  { db, feed }: Pick<Feeding, "db" | "feed">,
  { market, interval }: { readonly market: ListedMarket; readonly interval: Interval },
  range: ReadRange,
): Promise<Candle[]> {
  const live = (await feed.stats.of(market)).candles.of(interval);
  await foldUpTo({ db }, market.symbol, (live[0]?.firstId ?? 1) - 1);
  const stored = await readCandles(db.sql, market.symbol, { interval, ...range });
  const byOpening = new Map(stored.map((candle) => [candle.openMs, candle]));
  for (const candle of live) {
    const { openMs } = candle;
    if (openMs >= range.fromMs && openMs < range.beforeMs) byOpening.set(openMs, candle);
  }
  const all = [...byOpening.values()].toSorted((one, other) => other.openMs - one.openMs);
  return all.slice(0, range.limit);
}

/** Where memory does not reach as far back as rows are behind, they have to catch up. */
async function foldUpTo(
  { db }: Pick<Feeding, "db">,
  market: string,
  tradeId: number,
): Promise<void> {
  if (tradeId === 0) return;
  while ((await foldedTo(db.sql, market)) < tradeId) {
    const folded = await foldMarket({ db }, market);
    if (folded === 0) return;
    if (folded === undefined) await sleep(CANDLES_IDLE_MS.usual / 10);
  }
}
