import { MAX_TOLD_TRADES, MAX_WAITING_TRADES } from "#mesh/limits.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { type Backlog, createBacklog } from "./backlog.ts";
import { type MarketTexts, textsOf } from "./market-texts.ts";
import type { MarketBatch } from "./read-batch.ts";
import { tellTrades, type TradesTold } from "./trade-messages.ts";

/** The trades of markets as they happen, for those who follow them. */
export type Trades = {
  readonly isFollowed: (market: number) => boolean;
  readonly apply: (change: MarketBatch) => void;
  /** Has a reader told of all trades from now on, until it is disposed of. */
  readonly join: (market: ListedMarket) => Disposable & { readonly backlog: Backlog<TradesTold> };
  readonly readers: () => number;
};

/** Tells trades to those who follow them, each batch of them once for all. */
export function createTrades(): Trades {
  const markets = new Map<number, Followed>();
  return {
    isFollowed: (market) => markets.has(market),
    apply: ({ no, trades }) => {
      const { texts, readers = [] } = markets.get(no) ?? {};
      if (texts === undefined) return;
      for (let at = 0; at < trades.length; at += MAX_TOLD_TRADES) {
        const one = tellTrades(texts, trades.slice(at, at + MAX_TOLD_TRADES));
        for (const reader of readers) reader.add(one);
      }
    },
    join: (market) => {
      const { no } = market;
      const followed = markets.get(no) ?? { texts: textsOf(market), readers: new Set() };
      markets.set(no, followed);
      const backlog = createBacklog({ most: MAX_WAITING_TRADES, weigh });
      followed.readers.add(backlog);
      const leave = () => {
        followed.readers.delete(backlog);
        if (followed.readers.size === 0) markets.delete(no);
      };
      return { backlog, [Symbol.dispose]: leave };
    },
    readers: () => markets.values().reduce((sum, { readers }) => sum + readers.size, 0),
  };
}

type Followed = { readonly texts: MarketTexts; readonly readers: Set<Backlog<TradesTold>> };

function weigh({ trades }: TradesTold): number {
  return trades.length;
}
