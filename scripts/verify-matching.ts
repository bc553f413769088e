// npm run verify:matching -- --database URL [--shard 0] [--snapshot ID] [--until BATCH]
//   [--dump ABAN-IRR] [--levels 20]: replays the journal of the exchange from its beginning, or from
// a snapshot, in a database that may be a restored backup, and says whether it leads to what the
// writer saw and to the snapshots on the way; or prints a book as it is then. It needs nothing but
// the right to read. The code is 0 when the journal holds, 1 when it is broken, and 2 when nothing
// could be verified.
import { parseArgs } from "node:util";
import { connect } from "#mesh/database/connect.ts";
import { openConnection } from "#mesh/database/connection.ts";
import type { Engine } from "../services/matching/domain/engine.ts";
import type { ListedMarket } from "../services/matching/domain/listed-market.ts";
import { fromSteps } from "../services/matching/domain/units.ts";
import { readMarkets } from "../services/matching/store/markets.ts";
import type { Tables } from "../services/matching/store/tables.ts";
import { type Replay, replayJournal } from "../services/matching/writer/replay-journal.ts";

const options = {
  database: { type: "string" },
  shard: { type: "string", default: "0" },
  snapshot: { type: "string" },
  until: { type: "string" },
  dump: { type: "string" },
  levels: { type: "string", default: "20" },
} as const;

try {
  const { database: url, shard, snapshot, until, dump, levels } = parseArgs({ options }).values;
  if (url === undefined) throw new Error("--database is missing");
  const market = dump === undefined ? undefined : await findMarket(url, dump);
  await using connection = await openConnection({ url, name: "verify" });
  const startMs = performance.now();
  const replay = await replayJournal(connection, {
    shard: Number(shard),
    ...(snapshot && { from: Number(snapshot) }),
    ...(until && { until: Number(until) }),
  });
  console.log(describe(replay, (performance.now() - startMs) / 1000).join("\n"));
  if (market !== undefined) {
    console.log(describeBook(replay.memory.engine, market, Number(levels)).join("\n"));
  }
  process.exitCode = replay.problem === "" ? 0 : 1;
} catch (error) {
  console.error(`Nothing could be verified: ${(error as Error).message}`);
  console.error("Usage: npm run verify:matching -- --database URL [--dump MARKET]");
  process.exitCode = 2;
}

function describe({ memory, after, commands, snapshots, problem }: Replay, seconds: number) {
  const { batch, seq, atMs, events, engine } = memory;
  const startMs = performance.now();
  const hash = engine.stateHash();
  const hashMs = Math.round(performance.now() - startMs);
  return [
    problem === "" ? "The journal holds." : `The journal is broken: ${problem}`,
    `replayed batches ${after + 1} to ${batch}, up to command ${seq} of ${new Date(atMs).toISOString()}`,
    `event hash ${events.toString(16).padStart(8, "0")}`,
    `state hash ${hash}, made in ${hashMs} ms`,
    `${engine.liveOrders} live orders in ${engine.markets} markets, ${engine.byteLength} bytes`,
    `snapshots compared: ${snapshots}`,
    `${seconds.toFixed(1)} s, ${Math.round(commands / seconds)} commands a second`,
  ];
}

async function findMarket(url: string, symbol: string): Promise<ListedMarket> {
  await using db = connect<Tables>({ url, max: 1, name: "verify" });
  const found = (await readMarkets(db.sql)).find((market) => market.symbol === symbol);
  if (found === undefined) throw new Error(`there is no market ${symbol}`);
  return found;
}

/** A book with its asks above its bids, the best prices in the middle. */
function describeBook(engine: Engine, market: ListedMarket, levels: number): string[] {
  const side = (name: "BUY" | "SELL") =>
    engine.depth(market.no, name, levels).map(({ price, lots, orders }) => {
      const shown = fromSteps(price, market.units.tick).padStart(24);
      return `${shown} ${fromSteps(lots, market.units.lot).padStart(24)}  ${orders} orders`;
    });
  const state = engine.market(market.no)?.state ?? "not known to the engine";
  return [
    `${market.symbol}, ${state}`,
    ...side("SELL").toReversed(),
    "-".repeat(49),
    ...side("BUY"),
  ];
}
