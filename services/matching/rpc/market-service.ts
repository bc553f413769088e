import type { ServiceImpl } from "@connectrpc/connect";
import type { MarketService } from "#gen/mizan/matching/v1/market_service_pb.ts";
import type { Matching } from "../context.ts";
import { getMarket } from "../operations/get-market.ts";
import { listMarkets } from "../operations/list-markets.ts";

type Listing = Pick<ServiceImpl<typeof MarketService>, "listMarkets" | "getMarket">;

/** The methods of MarketService that show what is traded. */
export const listing = (matching: Matching): Listing => ({
  listMarkets: async (request) => listMarkets(matching, request),
  getMarket: async ({ market }) => ({ market: getMarket(matching, market) }),
});
