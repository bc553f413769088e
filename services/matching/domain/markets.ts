import type { ListedMarket } from "./listed-market.ts";

/** The markets that are listed, in memory; it grows and changes as rows are committed. */
export type Markets = {
  readonly find: (symbol: string) => ListedMarket | undefined;
  readonly byNumber: (no: number) => ListedMarket | undefined;
  /** All of them, in the order of their symbols. */
  readonly all: () => readonly ListedMarket[];
  /** Adds one, or replaces it. */
  readonly put: (market: ListedMarket) => void;
};

/** Keeps the given markets. */
export function createMarkets(listed: readonly ListedMarket[]): Markets {
  const [bySymbol, byNumber] = [new Map<string, ListedMarket>(), new Map<number, ListedMarket>()];
  const put = (market: ListedMarket) => {
    bySymbol.set(market.symbol, market);
    byNumber.set(market.no, market);
  };
  listed.forEach(put);
  return {
    find: (symbol) => bySymbol.get(symbol),
    byNumber: (no) => byNumber.get(no),
    all: () =>
      [...bySymbol.values()].toSorted((one, other) => (one.symbol < other.symbol ? -1 : 1)),
    put,
  };
}
