import { WATCH_SIGN_MS } from "#mesh/limits.ts";
import type { Feeding } from "../context.ts";
import type { Interval } from "../domain/candles.ts";
import { type CandleTold, tellCandle } from "../feed/candle-messages.ts";
import { textsOf } from "../feed/market-texts.ts";
import { getListed } from "../domain/get-listed.ts";
import { follow, type Watch } from "./follow.ts";

/** Which candles are followed. */
export type WatchedCandles = { readonly market: string; readonly interval: Interval };

/**
 * The newest candle of a market as it is, then whenever it changes; the end of each is told too.
 * Throws MARKET_NOT_FOUND, OVERLOADED, and what ends a stream.
 */
export async function* watchCandles(
  { markets, feed }: Pick<Feeding, "markets" | "feed">,
  { market: symbol, interval }: WatchedCandles,
  watch: Watch,
): AsyncGenerator<CandleTold> {
  const market = getListed({ markets }, symbol);
  using _ = feed.seats.of(watch.who);
  const stats = await feed.stats.of(market);
  using reader = feed.candles.join(market, interval);
  const texts = textsOf(market);
  if (stats.candles.of(interval).length === 0) yield tellCandle(texts, interval, undefined);
  for await (const candles of follow(reader.backlog, watch, watch.signMs ?? WATCH_SIGN_MS)) {
    yield* candles;
    if (candles.length === 0) yield tellCandle(texts, interval, undefined);
  }
}
