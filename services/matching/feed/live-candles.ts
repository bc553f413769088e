import { MAX_LIVE_CANDLES } from "#mesh/limits.ts";
import { type Candle, type Interval, INTERVALS, join, joinCandles } from "../domain/candles.ts";

/** The newest candles of a market, each with all of its trades by now. */
export type LiveCandles = {
  /** Takes candles of seconds behind those that there are. */
  readonly add: (seconds: readonly Candle[]) => void;
  /** The kept candles of an interval, the oldest first. */
  readonly of: (interval: Interval) => readonly Candle[];
};

/** Goes on from the newest candle of each interval. */
export function keepCandles(newest: ReadonlyMap<Interval, Candle>): LiveCandles {
  const kept = new Map<Interval, Candle[]>(
    INTERVALS.map((interval) => [interval, [newest.get(interval) ?? []].flat()]),
  );
  return {
    add: (seconds) => {
      for (const [interval, candles] of kept) {
        for (const candle of joinCandles(seconds, interval)) behind(candles, candle);
        if (candles.length > 2 * MAX_LIVE_CANDLES) candles.splice(0, MAX_LIVE_CANDLES);
      }
    },
    of: (interval) => kept.get(interval)!,
  };
}

/** A trade never comes before one that is there, and so neither does a candle. */
function behind(candles: Candle[], candle: Candle): void {
  const last = candles.at(-1);
  if (last?.openMs === candle.openMs) candles[candles.length - 1] = join(last, candle);
  else candles.push(candle);
}
