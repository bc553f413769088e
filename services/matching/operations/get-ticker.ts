import type { Ticker } from "#gen/mizan/matching/v1/market_pb.ts";
import type { Feeding } from "../context.ts";
import { textsOf } from "../feed/market-texts.ts";
import { toTicker } from "../feed/ticker-messages.ts";
import { getListed } from "../domain/get-listed.ts";

/** The last 24 hours of a market and its best prices. Throws MARKET_NOT_FOUND. */
export async function getTicker(
  { markets, writer, feed }: Pick<Feeding, "markets" | "writer" | "feed">,
  symbol: string,
): Promise<Ticker> {
  const market = getListed({ markets }, symbol);
  const stats = await feed.stats.of(market);
  const { engine } = writer;
  return toTicker({ texts: textsOf(market), engine, stats, nowMs: Date.now() });
}
