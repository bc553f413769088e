import { fail } from "../errors.ts";
import type { ListedMarket } from "./listed-market.ts";
import type { Markets } from "./markets.ts";

/** A market that is listed. Throws MARKET_NOT_FOUND. */
export function getListed(
  { markets }: { readonly markets: Pick<Markets, "find"> },
  symbol: string,
): ListedMarket {
  const found = markets.find(symbol);
  if (found === undefined) throw fail("MARKET_NOT_FOUND", { market: symbol });
  return found;
}
