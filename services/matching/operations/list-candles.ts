import type { Candle as Message } from "#gen/mizan/matching/v1/candle_pb.ts";
import { CandleInterval as WireInterval, EmptyCandles } from "#gen/mizan/matching/v1/candle_pb.ts";
import type { ListCandlesRequest } from "#gen/mizan/matching/v1/market_service_pb.ts";
import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Feeding } from "../context.ts";
import {
  type Candle,
  flatAfter,
  type Interval,
  INTERVALS,
  nextOpenMs,
  openMsOf,
} from "../domain/candles.ts";
import { toCandle } from "../feed/candle-messages.ts";
import { textsOf } from "../feed/market-texts.ts";
import { getListed } from "../domain/get-listed.ts";
import { candlesOf, type ReadRange } from "./read-candles.ts";
import { rangeOf } from "./time-range.ts";

/**
 * One page of the candles of a market, the newest first, with all trades that were told by now, and
 * the token of the next page. Throws MARKET_NOT_FOUND.
 */
export async function listCandles(
  feeding: Pick<Feeding, "db" | "markets" | "feed">,
  request: Omit<ListCandlesRequest, "$typeName">,
): Promise<{ candles: Message[]; nextPageToken: string }> {
  const market = getListed(feeding, request.market);
  const interval = intervalOf(request.interval);
  const range = rangeOf(request);
  const isFlat = request.empty === EmptyCandles.FLAT;
  const list = ["candles", market.symbol, interval, range.fromMs, range.beforeMs, isFlat].join("/");
  const before = fromPageToken(request.pageToken, list)?.[0];
  const limit = pageSize(request.pageSize);
  const beforeMs = Math.min(range.beforeMs, Number(before ?? range.beforeMs));
  const settledMs = feeding.feed.settledMs();
  const read = (wanted: ReadRange) => candlesOf(feeding, { market, interval }, wanted);
  const wanted = { fromMs: range.fromMs, beforeMs, limit: limit + 1 };
  const found = isFlat ? await flatCandles(interval, wanted, read) : await read(wanted);
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  const texts = textsOf(market);
  return {
    candles: shown.map((candle) => {
      const isClosed = nextOpenMs(interval, candle.openMs) <= settledMs;
      return toCandle(texts, { candle, isClosed });
    }),
    nextPageToken: last ? toPageToken([String(last.openMs)], list) : "",
  };
}

/** The interval of the wire. */
export function intervalOf(interval: WireInterval): Interval {
  return INTERVALS[interval - 1]!;
}

/** As many candles as are asked for, with flat ones where nothing was traded, up to now. */
async function flatCandles(
  interval: Interval,
  { fromMs, beforeMs, limit }: ReadRange,
  read: (range: ReadRange) => Promise<Candle[]>,
): Promise<Candle[]> {
  const newestMs = openMsOf(interval, Math.min(beforeMs - 1, Date.now()));
  const oldestMs = nextOpenMs(interval, newestMs, 1 - limit);
  const beginMs = Math.max(oldestMs, fromMs);
  const traded = await read({ fromMs: beginMs, beforeMs, limit });
  const [earlier] = await read({ fromMs: 0, beforeMs: traded.at(-1)?.openMs ?? beginMs, limit: 1 });
  const candles = [...(earlier ? [earlier] : []), ...traded.toReversed()];
  const filled: Candle[] = [];
  for (const [at, candle] of candles.entries()) {
    const endMs = candles[at + 1]?.openMs ?? nextOpenMs(interval, newestMs);
    filled.push(candle);
    // Of what was before the page only the flat ones that are on it.
    let openMs = nextOpenMs(interval, candle.openMs);
    if (openMs < beginMs) openMs = firstFrom(interval, beginMs);
    for (; openMs < endMs; openMs = nextOpenMs(interval, openMs)) {
      filled.push(flatAfter(candle, openMs));
    }
  }
  return filled.filter(({ openMs }) => openMs >= beginMs).toReversed();
}

/** The first candle that begins at a time or later. */
function firstFrom(interval: Interval, fromMs: number): number {
  const openMs = openMsOf(interval, fromMs);
  return openMs < fromMs ? nextOpenMs(interval, openMs) : openMs;
}
