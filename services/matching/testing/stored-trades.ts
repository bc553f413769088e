import { sql } from "kysely";
import { newId } from "#mesh/ids.ts";
import type { CandleTrade } from "../domain/candles.ts";
import type { Queries } from "../store/tables.ts";

/** Stores trades of a market, as if a batch had made them. */
export async function storeTrades(
  db: Queries,
  market: string,
  trades: readonly CandleTrade[],
): Promise<void> {
  const column = (name: keyof CandleTrade) => trades.map((trade) => trade[name]);
  await sql`
    insert into trade (market, trade_id, seq, at_ms, lots, taker_open, maker_open, price,
      taker_side, taker_order, maker_order, buyer, seller, buyer_fee_minor, seller_fee_minor)
    select ${market}, id, id, at_ms, lots, 0, 0, price, 'BUY', ${newId()}, ${newId()}, ${newId()},
      ${newId()}, 0, 0
    from unnest(${column("id")}::bigint[], ${column("atMs")}::bigint[],
      ${column("lots")}::bigint[], ${column("price")}::integer[]) as made (id, at_ms, lots, price)
  `.execute(db);
  const last = trades.at(-1)!.id;
  await sql`
    insert into market_progress (market, seq, trade_id, messages) values (${market}, 1, ${last}, 0)
    on conflict (market) do update set trade_id = ${last}`.execute(db);
}
