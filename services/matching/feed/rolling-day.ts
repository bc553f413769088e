import { type Candle, join, joinCandles, nextOpenMs, openMsOf } from "../domain/candles.ts";

/** What the trades of the last 24 hours come to, in steps of a minute. */
export type RollingDay = {
  /** Takes candles of minutes, or parts of them, behind those that there are. */
  readonly add: (minutes: readonly Candle[]) => void;
  /** All of the 24 hours as one candle; undefined when there was no trade. */
  readonly at: (nowMs: number) => Candle | undefined;
};

/** Begins without trades. */
export function rollDay(): RollingDay {
  const minutes: Candle[] = [];
  let [fromMs, day] = [0, undefined as Candle | undefined];
  return {
    add: (some) => {
      const own = joinCandles(some, "1m");
      for (const minute of own) {
        const last = minutes.at(-1);
        if (last?.openMs === minute.openMs) minutes[minutes.length - 1] = join(last, minute);
        else minutes.push(minute);
      }
      day = joined(day === undefined ? own : [day, ...own]);
    },
    at: (nowMs) => {
      const beginMs = nextOpenMs("1m", openMsOf("1m", nowMs), 1 - DAY_MINUTES);
      if (beginMs !== fromMs) {
        const gone = minutes.findIndex(({ openMs }) => openMs >= beginMs);
        const dropped = minutes.splice(0, gone === -1 ? minutes.length : gone);
        if (dropped.length > 0) day = joined(minutes);
        fromMs = beginMs;
      }
      return day;
    },
  };
}

function joined(all: readonly Candle[]): Candle | undefined {
  return all.reduce((sum: Candle | undefined, next) => (sum ? join(sum, next) : next), undefined);
}

const DAY_MINUTES = 24 * 60;
