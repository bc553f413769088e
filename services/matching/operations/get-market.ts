import type { Market } from "#gen/mizan/matching/v1/market_pb.ts";
import type { Matching } from "../context.ts";
import { getListed } from "../domain/get-listed.ts";
import { toMarket } from "./market-message.ts";

/** A market as it is now. Throws MARKET_NOT_FOUND. */
export function getMarket(
  { markets, writer }: Pick<Matching, "markets" | "writer">,
  symbol: string,
): Market {
  const found = getListed({ markets }, symbol);
  return toMarket(found, writer.engine.market(found.no)?.state);
}
