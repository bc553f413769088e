import { MAX_WAITING_TICKERS } from "#mesh/limits.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import type { Markets } from "../domain/markets.ts";
import { type Backlog, createBacklog } from "./backlog.ts";
import { textsOf } from "./market-texts.ts";
import type { FedBatch } from "./read-batch.ts";
import type { Stats } from "./stats.ts";
import { tellTicker, type TickerTold } from "./ticker-messages.ts";

/** The tickers of markets, for those who follow them. */
export type Tickers = {
  readonly isFollowed: (market: number) => boolean;
  /** Something has happened on a market. */
  readonly touch: (market: number) => void;
  /** Tells the tickers that have changed. */
  readonly tick: (nowMs: number) => void;
  /** Has a reader told of the tickers of some markets, or of all: as they are, then at each change. */
  readonly join: (
    markets: readonly ListedMarket[] | undefined,
  ) => Disposable & { readonly backlog: Backlog<TickerTold> };
  readonly readers: () => number;
};

type Source = {
  readonly stats: Pick<Stats, "known" | "of">;
  readonly markets: Pick<Markets, "all" | "byNumber">;
  readonly engine: () => FedBatch["engine"];
};

/** Tells tickers at most once with each tick, and only when they have changed. */
export function createTickers({ stats, markets, engine }: Source): Tickers {
  const readers = new Map<Backlog<TickerTold>, ReadonlySet<number> | undefined>();
  const wanted = new Map<number, number>();
  const told = new Map<number, TickerTold>();
  const touched = new Set<number>();
  let [wantsAll, lastMinute] = [0, 0];
  const isFollowed = (no: number) => wantsAll > 0 || wanted.has(no);
  const make = (market: ListedMarket, nowMs: number): TickerTold | undefined => {
    const known = stats.known(market.no);
    if (known === undefined) {
      stats.of(market).then(
        () => touched.add(market.no),
        () => touched.add(market.no),
      );
      return undefined;
    }
    return tellTicker({ texts: textsOf(market), engine: engine(), stats: known, nowMs });
  };
  const tick = (nowMs: number) => {
    // The 24 hours go on without trades too.
    const minute = Math.floor(nowMs / 60_000);
    if (minute !== lastMinute) for (const no of told.keys()) touched.add(no);
    lastMinute = minute;
    const all = [...touched];
    touched.clear();
    for (const no of all) {
      const market = markets.byNumber(no);
      const one = market && isFollowed(no) ? make(market, nowMs) : undefined;
      if (one === undefined || one.key === told.get(no)?.key) continue;
      told.set(no, one);
      for (const [reader, own] of readers) if (own?.has(no) !== false) reader.add(one);
    }
  };
  const join: Tickers["join"] = (some) => {
    const backlog = createBacklog({ most: MAX_WAITING_TICKERS, squeeze: latestTickers });
    const own = some && new Set(some.map(({ no }) => no));
    for (const { no } of some ?? markets.all()) {
      const known = isFollowed(no) ? told.get(no) : undefined;
      if (known !== undefined) backlog.add(known);
      else told.delete(no); // it may be old, and is told to all who want it
      touched.add(no);
    }
    readers.set(backlog, own);
    const count = (by: number) => {
      if (own === undefined) wantsAll += by;
      for (const no of own ?? []) {
        const left = (wanted.get(no) ?? 0) + by;
        if (left === 0) wanted.delete(no);
        else wanted.set(no, left);
      }
    };
    count(1);
    const leave = () => {
      if (readers.delete(backlog)) count(-1);
    };
    return { backlog, [Symbol.dispose]: leave };
  };
  return {
    isFollowed,
    touch: (market) => {
      if (isFollowed(market)) touched.add(market);
    },
    tick,
    join,
    readers: () => readers.size,
  };
}

/** Of each market the latest. */
export function latestTickers(all: readonly TickerTold[]): TickerTold[] {
  return [...new Map(all.map((one) => [one.no, one])).values()];
}
