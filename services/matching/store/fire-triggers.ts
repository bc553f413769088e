import { sql } from "kysely";
import type { Queries } from "./tables.ts";

/** The markets that have triggers which wait. */
export async function readWatchedMarkets(db: Queries): Promise<string[]> {
  const { rows } = await sql<{ market: string }>`
    select distinct market from price_trigger where state = 'ACTIVE'`.execute(db);
  return rows.map(({ market }) => market);
}

/** How much of a market is looked at in one transaction. */
export type Look = { readonly market: string; readonly trades: number; readonly triggers: number };

/**
 * Fires the triggers of a market that its next trades set off, each once: the compare-and-set of
 * the state and the place in the trades are one transaction (X6). Returns how many have fired, and
 * whether there is more to look at.
 */
export async function fireTriggers(
  tx: Queries,
  { market, trades, triggers }: Look,
): Promise<{ readonly fired: number; readonly isMore: boolean }> {
  const progress = await sql<{ trade_id: string }>`
    select trade_id from trigger_progress where market = ${market} for update`.execute(tx);
  const from = progress.rows[0]?.trade_id ?? "0";
  // Other trades commit meanwhile: what is looked at is what is passed by, and nothing else.
  const ahead = await sql<{ last: string; count: number }>`
    select coalesce(max(trade_id), ${from}) as last, count(*)::int as count
    from (select trade_id from trade where market = ${market} and trade_id > ${from}
      order by trade_id limit ${trades}) as ahead`.execute(tx);
  const { last, count: seen } = ahead.rows[0]!;
  if (seen === 0) return { fired: 0, isMore: false };
  const fired = await sql`
    with span as materialized (
        select trade_id, price from trade
        where market = ${market} and trade_id > ${from} and trade_id <= ${last}),
      ends as (select min(price) as low, max(price) as high from span),
      hit as (
        select t.id, (
          select min(s.trade_id) from span s where s.trade_id > t.after_trade
            and case t.condition when 'ABOVE' then s.price >= t.price else s.price <= t.price end
        ) as trade_id
        from price_trigger t, ends
        where t.market = ${market} and t.state = 'ACTIVE' and (
          (t.condition = 'ABOVE' and t.price <= ends.high) or
          (t.condition = 'BELOW' and t.price >= ends.low)))
    update price_trigger t set state = 'FIRED', trade_id = chosen.trade_id,
      updated_ms = now_ms()
    from (select * from hit where trade_id is not null order by trade_id, id limit ${triggers})
      as chosen
    where t.id = chosen.id and t.state = 'ACTIVE'
    returning t.id`.execute(tx);
  const count = fired.rows.length;
  if (count === triggers) return { fired: count, isMore: true }; // the same trades may fire others
  await sql`update trigger_progress set trade_id = ${last} where market = ${market}`.execute(tx);
  return { fired: count, isMore: seen === trades };
}
