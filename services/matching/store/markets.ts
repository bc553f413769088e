import { sql } from "kysely";
import type { MarketState } from "../domain/command.ts";
import type { ListedMarket, MarketTerms } from "../domain/listed-market.ts";
import { toStep } from "../domain/units.ts";
import type { Queries } from "./tables.ts";

/** Reads all markets. */
export async function readMarkets(db: Queries): Promise<ListedMarket[]> {
  const { rows } = await sql<MarketRow>`select * from market order by no`.execute(db);
  return rows.map(toListed);
}

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
  readonly created_ms: string;
  readonly updated_ms: string;
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
    createdMs: Number(row.created_ms),
    updatedMs: Number(row.updated_ms),
  };
}
