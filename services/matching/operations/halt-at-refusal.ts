import type { TradeSettlementRefused } from "#gen/mizan/billing/v1/events_pb.ts";
import type { Matching } from "../context.ts";
import type { Tx } from "../store/tables.ts";
import { haltMarket } from "./halt-market.ts";

/**
 * Makes what halts the market of a trade that the ledger refuses to book (HOLD-5): the trade is
 * never skipped, and nothing is to be added to it until somebody has looked.
 */
export function haltAtRefusal(matching: Pick<Matching, "log" | "markets" | "writer">) {
  return async (tx: Tx, refused: TradeSettlementRefused): Promise<void> => {
    const { market, tradeId, status, attempt } = refused;
    const about = { market, trade_id: Number(tradeId), status, attempt };
    matching.log.error(about, "the ledger refuses a trade: its market is halted");
    await haltMarket(matching, tx, { market, reason: "SETTLEMENT_REFUSED" });
  };
}
