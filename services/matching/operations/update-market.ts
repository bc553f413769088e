import {
  type UpdateMarketRequest,
  type UpdateMarketResponse,
  UpdateMarketResponseSchema,
} from "#gen/mizan/matching/v1/market_admin_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import type { Call, Matching } from "../context.ts";
import { readTerms } from "../domain/read-terms.ts";
import { getListed } from "../domain/get-listed.ts";
import { fail } from "../errors.ts";
import { marketChanged } from "../events.ts";
import { updateTerms } from "../store/markets.ts";
import { toMarket } from "./market-message.ts";
import { toMarketText } from "./market-text.ts";
import { syncMarkets } from "./sync-markets.ts";

/**
 * Changes what a market accepts and charges, once per key; orders that are there stay as they are.
 * Throws MARKET_NOT_FOUND and INVALID_RULES.
 */
export async function updateMarket(
  matching: Matching,
  { market: symbol, rules }: UpdateMarketRequest,
  { values }: Pick<Call, "values">,
): Promise<UpdateMarketResponse> {
  const known = getListed(matching, symbol);
  const terms = readTerms(toMarketText(rules!), known.units, Number(known.scales.quoteScale));
  const answer = await once(matching.db, values, UpdateMarketResponseSchema, async (tx) => {
    const listed = await updateTerms(tx, symbol, terms);
    if (listed === undefined) throw fail("MARKET_NOT_FOUND", { market: symbol });
    const message = toMarket(listed, matching.writer.engine.market(listed.no)?.state);
    await marketChanged(tx, message);
    return { market: message };
  });
  await syncMarkets(matching);
  return answer;
}
