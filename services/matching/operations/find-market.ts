import type { Matching } from "../context.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { fail } from "../errors.ts";

/** A market that is listed. Throws MARKET_NOT_FOUND. */
export function findMarket({ markets }: Pick<Matching, "markets">, symbol: string): ListedMarket {
  const found = markets.find(symbol);
  if (found === undefined) throw fail("MARKET_NOT_FOUND", { market: symbol });
  return found;
}
