import { hostname } from "node:os";
import { AssetService } from "#gen/mizan/billing/v1/asset_service_pb.ts";
import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { systemClock } from "#mesh/clock.ts";
import type { Mesh, Served } from "#mesh/service.ts";
import { compat } from "./compat.ts";
import type { settings } from "./config.ts";
import { notificationsMade } from "./consumers/notifications.ts";
import { settlementRefused } from "./consumers/settlement-refused.ts";
import type { Matching } from "./context.ts";
import { contract } from "./contract.ts";
import { createMarkets } from "./domain/markets.ts";
import { createFeed } from "./feed/feed.ts";
import { createNotices } from "./feed/notices.ts";
import { createFunds } from "./funds/create-funds.ts";
import type { FundsMeans } from "./funds/means.ts";
import { candlesJob } from "./jobs/candles.ts";
import { lostSessionsJob } from "./jobs/lost-sessions.ts";
import { marketStatesJob } from "./jobs/market-states.ts";
import { orphansJob } from "./jobs/orphans.ts";
import { pruneRequestsJob } from "./jobs/prune-requests.ts";
import { reconcileJob } from "./jobs/reconcile.ts";
import { releasesJob } from "./jobs/releases.ts";
import { triggersJob } from "./jobs/triggers.ts";
import { createOrderMeans } from "./operations/order-means.ts";
import { syncMarkets } from "./operations/sync-markets.ts";
import { sockets } from "./sockets.ts";
import { readMarkets } from "./store/markets.ts";
import type { Tables } from "./store/tables.ts";
import { startWriter, type WriterOptions } from "./writer/writer.ts";
import type { Writer } from "./writer/writer-api.ts";

/** The only shard so far; further ones are processes with databases of their own. */
const SHARD = 0;

type MatchingMesh = Mesh<Tables, typeof settings>;

/**
 * Runs the books of all markets as soon as no other process does; until then this one stands by,
 * which is part of its start. Once another process takes them, this one ends.
 */
export async function startMatching(mesh: MatchingMesh): Promise<Served<Tables>> {
  const { db, log, telemetry: metrics, clients } = mesh;
  await using parts = new AsyncDisposableStack();
  const called = {
    assets: clients.of(AssetService),
    wallets: clients.of(WalletService),
    holds: clients.of(HoldService),
    ledger: clients.of(LedgerService),
  };
  mesh.readiness.check("books", () => {
    throw new Error("the books are being read, or another process writes to them");
  });
  const markets = createMarkets(await readMarkets(db.sql));
  const writer = parts.use(await startWriter(writerOptions(mesh, markets)));
  const orphanAgeMs = mesh.config.orphanHoldsS * 1000;
  const books = { db, log, metrics, markets, writer };
  const means: FundsMeans = { ...called, ...books, shard: SHARD, orphanAgeMs };
  const funds = parts.use(createFunds(means));
  const matching: Matching = { ...called, ...books, funds };
  await syncMarkets(matching);
  const states = parts.use(marketStatesJob(matching));
  watch(writer, mesh);
  const orders = createOrderMeans(matching);
  const feed = parts.use(createFeed(books));
  const shown = { ...orders, feed, notices: createNotices(), personOf: mesh.personOf };
  const open = parts.move();
  return {
    contract: contract(shown),
    compat: compat(matching),
    consumers: [settlementRefused(matching), notificationsMade(shown.notices)],
    sockets: sockets(shown),
    jobs: [
      states,
      releasesJob(funds),
      orphansJob(funds),
      reconcileJob(means),
      triggersJob(orders),
      candlesJob(books),
      lostSessionsJob(orders),
      pruneRequestsJob(matching),
    ],
    stop: async () => open.disposeAsync(),
  };
}

function writerOptions(mesh: MatchingMesh, markets: WriterOptions["markets"]): WriterOptions {
  const { db, log, telemetry: metrics, stopping: signal } = mesh;
  const owner = `matching@${hostname()}:${process.pid}`;
  const books = { db, shard: SHARD, owner, clock: systemClock, markets };
  const { snapshotBatches: batches, snapshotMinutes, journalKeepDays } = mesh.config;
  const snapshotEvery = { batches, ms: snapshotMinutes * 60_000 };
  const kept = { snapshotEvery, journalKeepDays };
  return { ...books, ...kept, log, metrics, ...(signal && { signal }) };
}

function watch(writer: Writer, { readiness, stop }: MatchingMesh): void {
  readiness.check("books", () => {
    if (!writer.isReady()) throw new Error("the books are not open");
  });
  const end = (error: Error | undefined) => error && stop("the books are not ours to write", error);
  void writer.ended.then(end);
}
