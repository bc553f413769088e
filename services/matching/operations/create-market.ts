import {
  type CreateMarketRequest,
  type CreateMarketResponse,
  CreateMarketResponseSchema,
} from "#gen/mizan/matching/v1/market_admin_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import { aboutFields, sayProblems } from "#mesh/field-problems.ts";
import { MAX_MARKETS } from "#mesh/limits.ts";
import type { Call, Matching } from "../context.ts";
import { readTerms } from "../domain/read-terms.ts";
import { type Step, toScales, toStep } from "../domain/units.ts";
import { fail } from "../errors.ts";
import { marketChanged } from "../events.ts";
import { insertMarket, lockMarkets, type NewMarket } from "../store/markets.ts";
import { toMarket } from "./market-message.ts";
import { toMarketText } from "./market-text.ts";
import { syncMarkets } from "./sync-markets.ts";

/**
 * Lists a market in the state PRE_OPEN, once per key: its row is there first, and the books follow.
 * Throws UNKNOWN_ASSET, MARKET_SCALE, INVALID_RULES, MARKET_EXISTS and TOO_MANY_MARKETS.
 */
export async function createMarket(
  matching: Matching,
  request: CreateMarketRequest,
  { values }: Pick<Call, "values">,
): Promise<CreateMarketResponse> {
  const market = await readMarket(matching, request);
  const answer = await once(matching.db, values, CreateMarketResponseSchema, async (tx) => {
    const count = await lockMarkets(tx);
    if (count >= MAX_MARKETS) throw fail("TOO_MANY_MARKETS", { most: MAX_MARKETS });
    const listed = await insertMarket(tx, market);
    if (listed === undefined) throw fail("MARKET_EXISTS", { market: market.symbol });
    const message = toMarket(listed);
    await marketChanged(tx, message);
    return { market: message };
  });
  await syncMarkets(matching);
  return answer;
}

/** Reads what is to be listed, in the units that billing counts its assets in (UNIT-2). */
async function readMarket(
  { assets }: Pick<Matching, "assets">,
  { baseAsset: base, quoteAsset: quote, tickSize, lotSize, rules }: CreateMarketRequest,
): Promise<NewMarket> {
  const { assets: known } = await assets.listAssets({});
  const decimals = (asset: string) => {
    const scale = known.find(({ code }) => code === asset)?.scale;
    if (scale === undefined) throw fail("UNKNOWN_ASSET", { asset });
    return scale;
  };
  const [baseDecimals, quoteDecimals] = [decimals(base), decimals(quote)];
  if (base === quote)
    throw fail("INVALID_RULES", { problem: "an asset is traded for another one" });
  const [tick, lot] = [stepOf("tick_size", tickSize), stepOf("lot_size", lotSize)];
  const units = { tick, lot, baseDecimals, quoteDecimals };
  const scales = toScales(units);
  if (scales === undefined) throw fail("MARKET_SCALE");
  return {
    symbol: `${base}-${quote}`,
    base,
    quote,
    units,
    scales,
    terms: readTerms(toMarketText(rules!), units, Number(scales.quoteScale)),
  };
}

/** Throws INVALID_RULES for what is no step. */
function stepOf(field: string, text: string): Step {
  const step = toStep(text);
  if (step !== undefined) return step;
  const problem = "must be more than 0";
  const error = fail("INVALID_RULES", { problem: sayProblems([{ field, problem }]) });
  throw aboutFields(error, [{ field, problem }]);
}
