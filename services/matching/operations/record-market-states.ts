import { transaction } from "#mesh/database/transaction.ts";
import { MARKET_STATE_LAG_MS } from "#mesh/limits.ts";
import type { Matching } from "../context.ts";
import { readMarkets } from "../store/markets.ts";
import { recordMarketState } from "./record-market-state.ts";

/** What is known of states that the books have and rows don't: since when, by market. */
export type StateLag = {
  /** The markets that the books have halted by themselves, and nobody has written it down yet. */
  readonly halted: Set<number>;
  /** Since when a market has another state than its row, in monotonic milliseconds. */
  readonly sinceMs: Map<number, number>;
};

/**
 * Writes down the states of markets that the books have and their rows don't: at once where the
 * price has left its band (BOOK-6). Whoever has commanded another state writes it down, unless a
 * crash comes between: those are looked after when they stay different. Returns whether it has found
 * any that is to be looked at again.
 */
export async function recordMarketStates(
  { db, markets, writer }: Pick<Matching, "db" | "markets" | "writer">,
  { halted, sinceMs }: StateLag,
  nowMs: number = performance.now(),
): Promise<boolean> {
  const stateOf = (no: number) => writer.engine.market(no)?.state;
  const isBehind = markets.all().some(({ no, state }) => (stateOf(no) ?? state) !== state);
  if (!isBehind && halted.size === 0) return false;
  for (const row of await readMarkets(db.sql)) {
    markets.put(row);
    const { no, symbol } = row;
    const state = stateOf(no) ?? row.state;
    if (state === row.state) {
      sinceMs.delete(no);
      continue;
    }
    const since = sinceMs.get(no) ?? nowMs;
    sinceMs.set(no, since);
    if (!halted.has(no) && nowMs - since < MARKET_STATE_LAG_MS) continue;
    const reason = state === "HALT" ? "PRICE_BAND" : "";
    await transaction(db, async (tx) =>
      recordMarketState({ markets }, tx, { symbol, state, reason }),
    );
  }
  halted.clear();
  return true;
}
