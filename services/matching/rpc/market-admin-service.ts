import type { ServiceImpl } from "@connectrpc/connect";
import type { MarketAdminService } from "#gen/mizan/matching/v1/market_admin_service_pb.ts";
import { createMarket } from "../operations/create-market.ts";
import type { OrderMeans } from "../operations/order-means.ts";
import { setMarketState } from "../operations/set-market-state.ts";
import { setTradeGroup } from "../operations/set-trade-group.ts";
import { updateMarket } from "../operations/update-market.ts";
import { boundsOf } from "./order-requests.ts";

/** Lets administrators list markets, change them and stop them. */
export const marketAdminService = (means: OrderMeans): ServiceImpl<typeof MarketAdminService> => ({
  createMarket: async (request, call) => createMarket(means, request, call),
  updateMarket: async (request, call) => updateMarket(means, request, call),
  setMarketState: async (request, call) => setMarketState(means, request, call, boundsOf(call)),
  setTradeGroup: async (request, call) => {
    await setTradeGroup(means, request, call, boundsOf(call));
    return {};
  },
});
