import type { Matching } from "../context.ts";
import type { Tx } from "../store/tables.ts";
import { recordMarketState } from "./record-market-state.ts";

/**
 * Halts a market at once, whatever its state, and tells why (HOLD-5): nothing is placed or matched
 * until an administrator opens it again. Throws when the books are not ours now.
 */
export async function haltMarket(
  matching: Pick<Matching, "markets" | "writer">,
  tx: Tx,
  { market: symbol, reason }: { readonly market: string; readonly reason: string },
): Promise<void> {
  const market = matching.markets.find(symbol);
  if (market === undefined) throw new Error(`there is no market ${symbol}`);
  const command = { kind: "STATE", market: market.no, state: "HALT" } as const;
  await matching.writer.submit([{ command }]);
  await recordMarketState(matching, tx, { symbol, state: "HALT", reason });
}
