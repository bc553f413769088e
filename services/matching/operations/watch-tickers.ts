import type { WatchTickersResponse } from "#gen/mizan/matching/v1/market_service_pb.ts";
import { WATCH_SIGN_MS } from "#mesh/limits.ts";
import type { Feeding } from "../context.ts";
import { tellTickers } from "../feed/ticker-messages.ts";
import { latestTickers } from "../feed/tickers.ts";
import type { Told } from "../feed/told.ts";
import { getListed } from "../domain/get-listed.ts";
import { follow, type Watch } from "./follow.ts";

/**
 * The tickers of some markets, or of all when none is named: as they are, then those that have
 * changed. Throws MARKET_NOT_FOUND, OVERLOADED, and what ends a stream.
 */
export async function* watchTickers(
  { markets, feed }: Pick<Feeding, "markets" | "feed">,
  symbols: readonly string[],
  watch: Watch,
): AsyncGenerator<Told<WatchTickersResponse>> {
  const some = symbols.map((symbol) => getListed({ markets }, symbol));
  using _ = feed.seats.of(watch.who);
  using reader = feed.tickers.join(some.length > 0 ? some : undefined);
  if (markets.all().length === 0) yield tellTickers(latestTickers([])); // nothing, and that at once
  for await (const tickers of follow(reader.backlog, watch, watch.signMs ?? WATCH_SIGN_MS)) {
    yield tellTickers(latestTickers(tickers));
  }
}
