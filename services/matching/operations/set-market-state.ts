import {
  type SetMarketStateRequest,
  type SetMarketStateResponse,
  SetMarketStateResponseSchema,
} from "#gen/mizan/matching/v1/market_admin_service_pb.ts";
import { Market_State } from "#gen/mizan/matching/v1/market_pb.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import type { Call, Matching } from "../context.ts";
import { MARKET_STATES } from "../domain/codes.ts";
import { getListed } from "../domain/get-listed.ts";
import type { Bounds, Requested } from "../writer/submission.ts";
import { toMarket } from "./market-message.ts";
import type { OrderMeans } from "./order-means.ts";
import { recordMarketState } from "./record-market-state.ts";
import { syncMarkets } from "./sync-markets.ts";

/** Moves a market to a state, once per key. Throws MARKET_NOT_FOUND. */
export async function setMarketState(
  matching: Pick<Matching, "db" | "markets" | "writer"> & Pick<OrderMeans, "replies">,
  { market: symbol, state: wanted, remark }: SetMarketStateRequest,
  { values }: Pick<Call, "values">,
  bounds: Bounds,
): Promise<SetMarketStateResponse> {
  const state = MARKET_STATES.find((word) => Market_State[word] === wanted)!;
  const effect = async (request: Requested) => {
    const market = getListed(matching, symbol);
    const command = { kind: "STATE" as const, market: market.no, state };
    await matching.writer.submit([{ command, texts: { request } }], bounds);
    const recorded = { symbol, state, reason: remark };
    await transaction(matching.db, async (tx) => recordMarketState(matching, tx, recorded));
    await syncMarkets(matching);
    return shown();
  };
  const shown = async () => ({ market: toMarket(matching.markets.find(symbol)!) });
  return matching.replies.once(values.get(callKey), SetMarketStateResponseSchema, effect, shown);
}
