import { sql } from "kysely";
import type { MarketState } from "../domain/command.ts";
import type { ListedMarket, MarketTerms } from "../domain/listed-market.ts";
import { fromSteps, toStep } from "../domain/units.ts";
import type { Queries, Tx } from "./tables.ts";

/** Reads all markets, by their numbers. */
export async function readMarkets(db: Queries): Promise<ListedMarket[]> {
  const { rows } = await sql<MarketRow>`select ${columns} from market order by no`.execute(db);
  return rows.map(toListed);
}

/** Locks the list of markets until the transaction ends; returns how many there are. */
export async function lockMarkets(tx: Tx): Promise<number> {
  await sql`lock table market in share row exclusive mode`.execute(tx);
  const { rows } = await sql<{ count: number }>`select count(*) from market`.execute(tx);
  return rows[0]!.count;
}

/** What a market is listed with: its number follows from the list. */
export type NewMarket = Omit<ListedMarket, "no" | "state" | "createdMs" | "updatedMs">;

/** Lists a market behind all others, in the state PRE_OPEN; undefined when it is listed already. */
export async function insertMarket(tx: Tx, market: NewMarket): Promise<ListedMarket | undefined> {
  const { symbol, base, quote, units, scales, terms } = market;
  const { rows } = await sql<MarketRow>`
    insert into market (symbol, no, base_asset, quote_asset, base_decimals, quote_decimals, tick, lot,
      base_scale, quote_scale, terms, created_ms, updated_ms)
    select ${symbol}, coalesce(max(no), 0) + 1, ${base}, ${quote}, ${units.baseDecimals},
      ${units.quoteDecimals}, ${fromSteps(1, units.tick)}, ${fromSteps(1, units.lot)},
      ${scales.baseScale}, ${scales.quoteScale}, ${JSON.stringify(terms)}::jsonb, ${nowMs}, ${nowMs}
    from market
    on conflict (symbol) do nothing returning ${columns}`.execute(tx);
  return rows.map(toListed)[0];
}

/** Changes what a market accepts and charges; undefined when there is none such. */
export async function updateTerms(
  tx: Tx,
  symbol: string,
  terms: MarketTerms,
): Promise<ListedMarket | undefined> {
  const { rows } = await sql<MarketRow>`
    update market set terms = ${JSON.stringify(terms)}::jsonb, updated_ms = ${nowMs}
    where symbol = ${symbol} returning ${columns}`.execute(tx);
  return rows.map(toListed)[0];
}

/** Scales may be more than a double counts. */
const columns = sql`symbol, no, base_asset, quote_asset, base_decimals, quote_decimals, tick, lot,
  base_scale::text, quote_scale::text, terms, state, created_ms, updated_ms`;

const nowMs = sql`(engine_now_us() / 1000)`;

type MarketRow = {
  readonly symbol: string;
  readonly no: number;
  readonly base_asset: string;
  readonly quote_asset: string;
  readonly base_decimals: number;
  readonly quote_decimals: number;
  readonly tick: string;
  readonly lot: string;
  readonly base_scale: string;
  readonly quote_scale: string;
  readonly terms: MarketTerms;
  readonly state: MarketState;
  readonly created_ms: number;
  readonly updated_ms: number;
};

function toListed(row: MarketRow): ListedMarket {
  return {
    no: row.no,
    symbol: row.symbol,
    base: row.base_asset,
    quote: row.quote_asset,
    units: {
      tick: toStep(row.tick)!,
      lot: toStep(row.lot)!,
      baseDecimals: row.base_decimals,
      quoteDecimals: row.quote_decimals,
    },
    scales: { baseScale: BigInt(row.base_scale), quoteScale: BigInt(row.quote_scale) },
    terms: row.terms,
    state: row.state,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
  };
}
