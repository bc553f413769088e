import { systemClock } from "#mesh/clock.ts";
import { connect } from "#mesh/database/connect.ts";
import { createLog } from "#mesh/log.ts";
import { createMarkets } from "../../services/matching/domain/markets.ts";
import { insertMarket } from "../../services/matching/store/markets.ts";
import type { Tables } from "../../services/matching/store/tables.ts";
import { WIDE_RULES } from "../../services/matching/testing/flow-commands.ts";
import {
  type RecordWriter,
  startWriter,
  type WriterOptions,
} from "../../services/matching/writer/writer.ts";

/** Starts the real writer on a database of matching, whoever had its shard. */
export async function openWriter(
  url: string,
  options: Pick<WriterOptions, "hasResults" | "snapshotEvery">,
): Promise<RecordWriter> {
  await using opened = new AsyncDisposableStack();
  const db = opened.use(connect<Tables>({ url, max: 4, name: "bench" }));
  if (options.hasResults === true) {
    await db.sql.transaction().execute(async (tx) => insertMarket(tx, listing));
  }
  const log = createLog({ name: "bench", level: "error" });
  const who = { shard: 0, owner: "bench", when: "now" as const, clock: systemClock };
  const writer = await startWriter({ ...options, ...who, db, log, markets: createMarkets([]) });
  opened.use(writer);
  const resources = opened.move();
  return Object.defineProperty(writer, Symbol.asyncDispose, {
    value: async () => resources.disposeAsync(),
  });
}

/** What the market of the flows is listed with: a tick of a lot is a minor unit. */
const listing = {
  symbol: "ABAN-USDT",
  base: "ABAN",
  quote: "USDT",
  units: {
    tick: { coefficient: 1n, decimals: 4 },
    lot: { coefficient: 1n, decimals: 2 },
    baseDecimals: 8,
    quoteDecimals: 6,
  },
  scales: { baseScale: 1_000_000n, quoteScale: 1n },
  terms: {
    rules: WIDE_RULES,
    maker: { ppm: 1000, perLot: 0 },
    taker: { ppm: 1500, perLot: 0 },
    defaultStp: "NONE" as const,
  },
};
