import type { Database } from "#mesh/database/connect.ts";
import type { MarketRules } from "../domain/command.ts";
import type { FeeRates } from "../domain/money.ts";
import { insertMarket } from "../store/markets.ts";
import type { Tables } from "../store/tables.ts";
import { wideRules } from "./case-book.ts";

/** Writes the rows of markets; commands have to open them. */
export async function listMarkets(db: Database<Tables>, symbols: readonly string[]): Promise<void> {
  for (const symbol of symbols) {
    await db.sql.transaction().execute(async (tx) => insertMarket(tx, listing(symbol)));
  }
}

/** What a test's market is listed with: a lot is a unit of base, a tick of it 7 units of quote. */
function listing(symbol: string) {
  const [base, quote] = symbol.split("-") as [string, string];
  const rules = testRules;
  return {
    symbol,
    base,
    quote,
    units: {
      tick: { coefficient: 7n, decimals: 2 },
      lot: { coefficient: 1n, decimals: 0 },
      baseDecimals: 0,
      quoteDecimals: 2,
    },
    scales: { baseScale: 1n, quoteScale: 7n },
    terms: { rules, ...fees, defaultStp: "NONE" as const },
  };
}

export const testRules: MarketRules = { ...wideRules, quoteScale: 7, listingPrice: 20 };

/** What orders of tests pay. */
export const fees: FeeRates = {
  maker: { ppm: 1000, perLot: 0 },
  taker: { ppm: 2000, perLot: 1 },
};
