import { hostname } from "node:os";
import { join } from "node:path";
import { systemClock } from "#mesh/clock.ts";
import type { Mesh, Served } from "#mesh/service.ts";
import { readKeys } from "#mesh/token-keys.ts";
import { auditJob } from "./audit/audit-job.ts";
import { compat } from "./compat.ts";
import type { settings } from "./config.ts";
import { trades } from "./consumers/trades.ts";
import type { Billing, ChainKeys } from "./context.ts";
import { contract } from "./contract.ts";
import { signHeadJob } from "./jobs/sign-head.ts";
import { openHouseAccounts } from "./operations/open-house-accounts.ts";
import { signChainHead } from "./operations/sign-chain-head.ts";
import { startSealer } from "./seal/sealer.ts";
import type { Tables } from "./store/tables.ts";
import { ledgerFeed } from "./writer/feed.ts";
import { startWriter, type Writer } from "./writer/writer.ts";

/** The only shard so far; further ones are processes with databases of their own (WR-11). */
const SHARD = 0;

type BillingMesh = Mesh<Tables, typeof settings>;

/**
 * Serves the books as soon as no other process does; until then this one stands by, which is part
 * of its start. Once another process takes them, this one ends (WR-6).
 */
export async function startBilling(mesh: BillingMesh): Promise<Served<Tables>> {
  const { db, log, stopping: signal } = mesh;
  const owner = `billing@${hostname()}:${process.pid}`;
  await using parts = new AsyncDisposableStack();
  const books = { url: db.url, shard: SHARD, owner, clock: systemClock };
  mesh.readiness.check("ledger", () => {
    throw new Error("the books are being read, or another process writes to them");
  });
  const told = { log, metrics: mesh.telemetry, ...(signal && { signal }) };
  const sealing = parts.use(new AsyncDisposableStack()); // it ends after the writer
  const writer = parts.use(await startWriter({ ...books, ...told }));
  const chain = seal(mesh, sealing);
  const { assets } = writer;
  const feed = ledgerFeed({ shard: SHARD, db, commits: writer.commits, assets });
  const billing: Billing = { db, writer, assets, feed, fourEyes: mesh.config.fourEyes, chain };
  await openHouseAccounts(billing);
  watch(writer, mesh);
  const open = parts.move();
  return {
    contract: contract(billing),
    compat: compat(billing),
    consumers: [trades(billing)],
    feeds: [feed],
    jobs: [
      signHeadJob(billing),
      auditJob({ url: db.url, shard: SHARD, log, metrics: mesh.telemetry }),
    ],
    stop: async () => open.disposeAsync(),
  };
}

/** Seals what the writer commits; at the end all of it is sealed, and then signed. */
function seal(mesh: BillingMesh, sealing: AsyncDisposableStack): ChainKeys {
  const { db, log, signer, config, telemetry: metrics } = mesh;
  const file = join(config.certs, "jwks.json");
  const chain = { shard: SHARD, sign: signer.sign, keys: () => readKeys(file) };
  const notSigned = (err: unknown) => log.warn({ err }, "the chain is signed at the next start");
  sealing.defer(async () => void (await signChainHead({ db, chain }).catch(notSigned)));
  sealing.use(startSealer({ url: db.url, shard: SHARD, log, metrics }));
  return chain;
}

function watch(writer: Writer, { readiness, telemetry, stop }: BillingMesh): void {
  readiness.check("ledger", () => {
    if (!writer.isReady()) throw new Error("the books are not open");
  });
  telemetry.watch("mizan_ledger_queued_events", "Events that wait for the writer (L3).", () =>
    writer.queuedEvents(),
  );
  const end = (error: Error | undefined) => error && stop("the books are not ours to write", error);
  void writer.ended.then(end);
}
