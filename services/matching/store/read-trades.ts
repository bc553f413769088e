import { sql } from "kysely";
import type { Queries } from "./tables.ts";

/** A trade as everybody may see it, in ticks and lots. */
export type PublicTrade = {
  readonly id: number;
  readonly seq: number;
  readonly price: number;
  readonly lots: number;
  readonly takerBuys: boolean;
  readonly atMs: number;
};

/** The trades of a market behind one, in their order. */
export async function tradesAfter(
  db: Queries,
  market: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<PublicTrade[]> {
  const { rows } = await sql<Row>`
    select ${columns} from trade where market = ${market} and trade_id > ${after}
    order by trade_id limit ${limit}`.execute(db);
  return rows.map(toTrade);
}

/** Which trades are listed: those from a time on and before another, and before one of them. */
export type TradeSearch = {
  readonly fromMs: number;
  readonly beforeMs: number;
  readonly beforeId: number;
  readonly limit: number;
};

/**
 * The latest trades of a market, the newest first. Times are found by the candles of seconds, which
 * know the numbers of their trades: times rise with the numbers, and there is no index for them.
 */
export async function listTrades(
  db: Queries,
  market: string,
  { fromMs, beforeMs, beforeId, limit }: TradeSearch,
): Promise<PublicTrade[]> {
  const { rows } = await sql<Row>`
    with bounds as (
      select
        coalesce((select last_id from candle where market = ${market} and interval = '1s'
          and open_ms <= ${fromMs - 1000} order by open_ms desc limit 1), 0) as from_id,
        coalesce((select first_id from candle where market = ${market} and interval = '1s'
          and open_ms >= ${beforeMs} order by open_ms limit 1), ${beforeId}) as to_id
    )
    select ${columns} from trade, bounds
    where market = ${market} and trade_id > from_id
      and trade_id < least(to_id, ${beforeId})
      and at_ms >= ${fromMs} and at_ms < ${beforeMs}
    order by trade_id desc limit ${limit}`.execute(db);
  return rows.map(toTrade);
}

type Row = {
  readonly trade_id: string;
  readonly seq: string;
  readonly price: number;
  readonly lots: string;
  readonly taker_side: "BUY" | "SELL";
  readonly at_ms: string;
};

const columns = sql`trade_id, seq, price, lots, taker_side, at_ms`;

function toTrade(row: Row): PublicTrade {
  return {
    id: Number(row.trade_id),
    seq: Number(row.seq),
    price: row.price,
    lots: Number(row.lots),
    takerBuys: row.taker_side === "BUY",
    atMs: Number(row.at_ms),
  };
}
