import { timestampDate } from "@bufbuild/protobuf/wkt";
import { CandleInterval } from "#gen/mizan/matching/v1/candle_pb.ts";
import { MarketService } from "#gen/mizan/matching/v1/market_service_pb.ts";
import { compatRow } from "#mesh/compat/row.ts";
import { INTERVALS } from "../domain/candles.ts";

/** The path by which everybody drew charts of the replaced exchange: the newest candles of a market. */
export const candlesRow = compatRow({
  path: "/api/history/candles",
  verb: "GET",
  method: MarketService.method.listCandles,
  toRequest: (fields) => {
    const market = fields.text("market", { isRequired: true });
    const name = fields.text("interval") || "1m";
    const place = INTERVALS.findIndex((one) => one === name);
    const interval = intervals[place];
    if (interval === undefined) {
      fields.wrong("interval", `This field must be one of ${INTERVALS.join(", ")}.`);
    }
    return { market, interval: interval ?? CandleInterval.CANDLE_INTERVAL_UNSPECIFIED };
  },
  answer: async ({ ask }) => {
    const { candles } = await ask();
    return candles.map(({ openTime, open, high, low, close, volume }) => {
      return { time: timestampDate(openTime!).toISOString(), open, high, low, close, volume };
    });
  },
  errors: { key: "detail", fields: { market: "market", MARKET_NOT_FOUND: "market" } },
});

/** Those of the wire in the order of their names here; the first one there is none. */
const intervals = Object.values(CandleInterval).slice(1);
