import { sql } from "kysely";
import { systemClock } from "#mesh/clock.ts";
import { connect, type Database } from "#mesh/database/connect.ts";
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

/** Connects to a database of matching. */
export async function openDatabase(url: string): Promise<Database<Tables>> {
  const db = connect<Tables>({ url, max: 4, name: "bench" });
  await sql`select`.execute(db.sql); // the connection stays
  return db;
}

/** Starts the real writer on a database, whoever had its shard. */
export async function openWriter(
  db: Database<Tables>,
  options: Pick<WriterOptions, "hasResults" | "snapshotEvery">,
): Promise<RecordWriter> {
  if (options.hasResults === true) {
    await db.sql.transaction().execute(async (tx) => insertMarket(tx, listing));
  }
  const who = { shard: 0, owner: "bench", when: "now" as const, clock: systemClock };
  return startWriter({ ...options, ...who, db, log, markets: createMarkets([]) });
}

const log = createLog({ name: "bench", level: "error" });

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
