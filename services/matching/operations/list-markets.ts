import type { Market } from "#gen/mizan/matching/v1/market_pb.ts";
import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Matching } from "../context.ts";
import { toMarket } from "./market-message.ts";

/** One page of the markets, by symbol, and the token of the next page. */
export function listMarkets(
  { markets, writer }: Pick<Matching, "markets" | "writer">,
  page: { readonly pageSize: number; readonly pageToken: string },
): { markets: Market[]; nextPageToken: string } {
  const [after = ""] = fromPageToken(page.pageToken, "markets") ?? [];
  const rest = markets.all().filter(({ symbol }) => symbol > after);
  const shown = rest.slice(0, pageSize(page.pageSize));
  const last = shown.length < rest.length ? shown.at(-1) : undefined;
  const nextPageToken = last ? toPageToken([last.symbol], "markets") : "";
  const state = (no: number) => writer.engine.market(no)?.state;
  return { markets: shown.map((market) => toMarket(market, state(market.no))), nextPageToken };
}
