import { sql } from "kysely";
import type { Candle, Interval } from "../domain/candles.ts";
import type { Queries } from "./tables.ts";

/** Which candles are read: of an interval, by their openings, the newest first. */
export type CandleRange = {
  readonly interval: Interval;
  readonly fromMs: number;
  /** They open before this. */
  readonly beforeMs: number;
  readonly limit: number;
};

/** The stored candles of a market, the newest first. */
export async function readCandles(
  db: Queries,
  market: string,
  { interval, fromMs, beforeMs, limit }: CandleRange,
): Promise<Candle[]> {
  const { rows } = await sql<Row>`
    select * from candle
    where market = ${market} and interval = ${interval}
      and open_ms >= ${fromMs} and open_ms < ${beforeMs}
    order by open_ms desc limit ${limit}`.execute(db);
  return rows.map(toCandle);
}

/** The newest stored candle of each interval of a market. */
export async function newestCandles(
  db: Queries,
  market: string,
): Promise<ReadonlyMap<Interval, Candle>> {
  const { rows } = await sql<Row & { readonly interval: Interval }>`
    select newest.* from unnest(enum_range(null::candle_interval)) as each (interval)
    cross join lateral (
      select * from candle where market = ${market} and interval = each.interval
      order by open_ms desc limit 1) as newest`.execute(db);
  return new Map(rows.map((row) => [row.interval, toCandle(row)]));
}

/** Up to which trade the candles of a market are stored. */
export async function foldedTo(db: Queries, market: string): Promise<number> {
  const { rows } = await sql<{ readonly trade_id: string }>`
    select trade_id from candle_progress where market = ${market}`.execute(db);
  return Number(rows[0]?.trade_id ?? 0);
}

/** The markets that have trades which no stored candle has, with how far each of them is. */
export async function unfoldedMarkets(db: Queries, limit: number): Promise<string[]> {
  const { rows } = await sql<{ readonly market: string }>`
    select market from market_progress as traded
    left join candle_progress as folded using (market)
    where traded.trade_id > coalesce(folded.trade_id, 0)
    order by traded.trade_id - coalesce(folded.trade_id, 0) desc limit ${limit}`.execute(db);
  return rows.map(({ market }) => market);
}

/** Makes a market known whose trades are folded. */
export async function beginProgress(db: Queries, market: string): Promise<void> {
  await sql`
    insert into candle_progress (market, trade_id) values (${market}, 0)
    on conflict do nothing`.execute(db);
}

/**
 * Up to which trade the candles of a market are stored; nobody else stores more until the commit.
 * Undefined while somebody else does.
 */
export async function lockProgress(tx: Queries, market: string): Promise<number | undefined> {
  const { rows } = await sql<{ readonly trade_id: string }>`
    select trade_id from candle_progress where market = ${market}
    for update skip locked`.execute(tx);
  return rows[0] && Number(rows[0].trade_id);
}

/** Stores candles behind those that there are, and up to which trade they are folded then. */
export async function storeCandles(
  tx: Queries,
  market: string,
  {
    candles,
    tradeId,
  }: { readonly candles: ReadonlyMap<Interval, readonly Candle[]>; readonly tradeId: number },
): Promise<void> {
  const rows = [...candles].flatMap(([interval, all]) =>
    all.map((candle) => ({ interval, ...candle })),
  );
  const column = (name: keyof (typeof rows)[number]) => rows.map((row) => String(row[name]));
  await sql`
    with done as (
      update candle_progress set trade_id = ${tradeId} where market = ${market})
    insert into candle as old (market, interval, open_ms, first_id, last_id, trades,
      open, high, low, close, lots, units)
    select ${market}, * from unnest(
      ${column("interval")}::candle_interval[], ${column("openMs")}::bigint[],
      ${column("firstId")}::bigint[], ${column("lastId")}::bigint[], ${column("trades")}::bigint[],
      ${column("open")}::integer[], ${column("high")}::integer[], ${column("low")}::integer[],
      ${column("close")}::integer[], ${column("lots")}::numeric[], ${column("units")}::numeric[])
    on conflict (market, interval, open_ms) do update set
      last_id = excluded.last_id, close = excluded.close,
      high = greatest(old.high, excluded.high), low = least(old.low, excluded.low),
      lots = old.lots + excluded.lots, units = old.units + excluded.units,
      trades = old.trades + excluded.trades`.execute(tx);
}

type Row = {
  readonly open_ms: string;
  readonly first_id: string;
  readonly last_id: string;
  readonly trades: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly lots: string;
  readonly units: string;
};

function toCandle(row: Row): Candle {
  return {
    openMs: Number(row.open_ms),
    open: row.open,
    high: row.high,
    low: row.low,
    close: row.close,
    lots: BigInt(row.lots),
    units: BigInt(row.units),
    trades: Number(row.trades),
    firstId: Number(row.first_id),
    lastId: Number(row.last_id),
  };
}
