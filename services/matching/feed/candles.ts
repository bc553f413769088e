import { MAX_WAITING_CANDLES } from "#mesh/limits.ts";
import { type Interval, nextOpenMs } from "../domain/candles.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { type Backlog, createBacklog } from "./backlog.ts";
import { type CandleTold, tellCandle } from "./candle-messages.ts";
import { type MarketTexts, textsOf } from "./market-texts.ts";
import type { Stats } from "./stats.ts";

/** The newest candles of markets, for those who follow them. */
export type Candles = {
  /** Tells what has changed; all that happened before `settledMs` is known. */
  readonly tick: (settledMs: number) => void;
  /** Has a reader told of the newest candle, as it is and whenever it changes. */
  readonly join: (
    market: ListedMarket,
    interval: Interval,
  ) => Disposable & { readonly backlog: Backlog<CandleTold> };
  readonly readers: () => number;
};

/** Tells candles to those who follow them, each change once for all. */
export function createCandles(stats: Pick<Stats, "known">): Candles {
  const groups = new Map<string, Group>();
  return {
    tick: (settledMs) => {
      for (const group of groups.values()) tellChanges(group, stats, settledMs);
    },
    join: (market, interval) => {
      const key = `${market.no} ${interval}`;
      const group = groups.get(key) ?? begin(textsOf(market), interval);
      groups.set(key, group);
      const backlog = createBacklog({ most: MAX_WAITING_CANDLES, squeeze: latest });
      if (group.last !== undefined) backlog.add(group.last.one);
      group.readers.add(backlog);
      const leave = () => {
        group.readers.delete(backlog);
        if (group.readers.size === 0) groups.delete(key);
      };
      return { backlog, [Symbol.dispose]: leave };
    },
    readers: () => groups.values().reduce((sum, { readers }) => sum + readers.size, 0),
  };
}

type Group = {
  readonly texts: MarketTexts;
  readonly interval: Interval;
  readonly readers: Set<Backlog<CandleTold>>;
  /** What was told last. */
  last: Last | undefined;
};

type Last = {
  readonly openMs: number;
  readonly lastId: number;
  readonly isClosed: boolean;
  readonly one: CandleTold;
};

function begin(texts: MarketTexts, interval: Interval): Group {
  return { texts, interval, readers: new Set(), last: undefined };
}

/** Tells the candles from the last that was told on: its end, and those that are new. */
function tellChanges(group: Group, stats: Pick<Stats, "known">, settledMs: number): void {
  const { texts, interval, readers } = group;
  const candles = stats.known(texts.no)?.candles.of(interval) ?? [];
  const beginMs = group.last?.openMs ?? candles.at(-1)?.openMs ?? 0;
  const from = candles.findLastIndex(({ openMs }) => openMs < beginMs) + 1;
  for (const candle of candles.slice(from)) {
    const { openMs, lastId } = candle;
    const isClosed = nextOpenMs(interval, openMs) <= settledMs;
    const { last } = group;
    if (last?.openMs === openMs && last.lastId === lastId && last.isClosed === isClosed) continue;
    const one = tellCandle(texts, interval, { candle, isClosed });
    group.last = { openMs, lastId, isClosed, one };
    for (const reader of readers) reader.add(one);
  }
}

/** Of each candle the latest, and of those the newest. */
function latest(all: readonly CandleTold[]): CandleTold[] {
  const byOpening = new Map(all.map((one) => [one.openMs, one]));
  return [...byOpening.values()].slice(-MAX_WAITING_CANDLES / 2);
}
