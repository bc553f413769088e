import type { Connection } from "#mesh/database/connection.ts";
import type { ProgressRow } from "./result-rows.ts";

/** Reads how far all markets are whose rows are stored. */
export async function readProgress(connection: Connection): Promise<ProgressRow[]> {
  const rows = await connection.query<{
    market: string;
    seq: number;
    trade_id: number;
    messages: number;
  }>("select market, seq, trade_id, messages from market_progress");
  return rows.map(({ market, seq, trade_id: tradeId, messages }) => {
    return { market, seq, tradeId, messages };
  });
}
