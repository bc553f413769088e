/** How long candles are, the shortest first; the last two are a week and a month. */
export const INTERVALS = [
  "1s",
  "1m",
  "3m",
  "5m",
  "15m",
  "30m",
  "1h",
  "4h",
  "1d",
  "1w",
  "1M",
] as const;

export type Interval = (typeof INTERVALS)[number];

/** What the trades of a stretch of time come to: prices in ticks, quantities in lots (FEED-6). */
export type Candle = {
  /** When the stretch begins, in milliseconds since 1970. */
  readonly openMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly lots: bigint;
  /** Σ price × lots. */
  readonly units: bigint;
  readonly trades: number;
  /** The numbers of its first trade and its last. */
  readonly firstId: number;
  readonly lastId: number;
};

/** What a candle needs of a trade. */
export type CandleTrade = {
  readonly id: number;
  readonly price: number;
  readonly lots: number;
  readonly atMs: number;
};

/** When the candle begins that a time lies in: in UTC, weeks on Mondays. */
export function openMsOf(interval: Interval, atMs: number): number {
  if (interval === "1M") return monthMs(atMs, 0);
  const step = stepsMs[interval];
  const shift = interval === "1w" ? MONDAY_MS : 0;
  return Math.floor((atMs - shift) / step) * step + shift;
}

/** When the candle begins that lies so many after another one; negative ones lie before it. */
export function nextOpenMs(interval: Interval, openMs: number, count = 1): number {
  if (interval === "1M") return monthMs(openMs, count);
  return openMs + count * stepsMs[interval];
}

/** The number of candles from one to another one, the first of them counted. */
export function countBetween(interval: Interval, fromMs: number, toMs: number): number {
  if (interval !== "1M") return (toMs - fromMs) / stepsMs[interval];
  const [from, to] = [new Date(fromMs), new Date(toMs)];
  const years = to.getUTCFullYear() - from.getUTCFullYear();
  return years * 12 + to.getUTCMonth() - from.getUTCMonth();
}

/** Folds trades, in the order of their numbers, to candles of a second. */
export function toSeconds(trades: readonly CandleTrade[]): Candle[] {
  return joinCandles(
    trades.map(({ id, price, lots, atMs }) => ({
      openMs: openMsOf("1s", atMs),
      open: price,
      high: price,
      low: price,
      close: price,
      lots: BigInt(lots),
      units: BigInt(price) * BigInt(lots),
      trades: 1,
      firstId: id,
      lastId: id,
    })),
    "1s",
  );
}

/** Joins candles in their order to longer ones, or to some of the same length. */
export function joinCandles(candles: readonly Candle[], interval: Interval): Candle[] {
  const joined: Candle[] = [];
  for (const candle of candles) {
    const openMs = openMsOf(interval, candle.openMs);
    const last = joined.at(-1);
    if (last?.openMs === openMs) joined[joined.length - 1] = join(last, candle);
    else joined.push({ ...candle, openMs });
  }
  return joined;
}

/** A candle with the trades of another one behind it; trades that it has already change nothing. */
export function join(candle: Candle, after: Candle): Candle {
  if (after.lastId <= candle.lastId) return candle;
  return {
    openMs: candle.openMs,
    open: candle.open,
    high: Math.max(candle.high, after.high),
    low: Math.min(candle.low, after.low),
    close: after.close,
    lots: candle.lots + after.lots,
    units: candle.units + after.units,
    trades: candle.trades + after.trades,
    firstId: candle.firstId,
    lastId: after.lastId,
  };
}

/** What stands for a stretch without a trade, after another candle. */
export function flatAfter({ close, lastId }: Candle, openMs: number): Candle {
  const prices = { open: close, high: close, low: close, close };
  return { openMs, ...prices, lots: 0n, units: 0n, trades: 0, firstId: lastId, lastId };
}

function monthMs(atMs: number, count: number): number {
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + count);
}

const [SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS] = [1000, 60_000, 3_600_000, 86_400_000];
/** 1970 began on a Thursday. */
const MONDAY_MS = 4 * DAY_MS;

const stepsMs: Readonly<Record<Exclude<Interval, "1M">, number>> = {
  "1s": SECOND_MS,
  "1m": MINUTE_MS,
  "3m": 3 * MINUTE_MS,
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "30m": 30 * MINUTE_MS,
  "1h": HOUR_MS,
  "4h": 4 * HOUR_MS,
  "1d": DAY_MS,
  "1w": 7 * DAY_MS,
};
