import { sql } from "kysely";
import { newId, hexOf, uuidOf } from "#mesh/ids.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import { createMarkets } from "../domain/markets.ts";
import type { OwedRelease } from "../domain/owed-release.ts";
import { createFunds } from "../funds/create-funds.ts";
import type { Wanted } from "../funds/funds.ts";
import type { FundsMeans } from "../funds/means.ts";
import type { Tables } from "../store/tables.ts";
import type { AppliedBatch } from "../writer/writer-api.ts";
import { testLedger } from "./test-ledger.ts";

const MARKET: ListedMarket = {
  no: 1,
  symbol: "BTC-USDT",
  base: "BTC",
  quote: "USDT",
  units: {
    tick: { coefficient: 1n, decimals: 2 },
    lot: { coefficient: 1n, decimals: 4 },
    baseDecimals: 8,
    quoteDecimals: 6,
  },
  scales: { baseScale: 10_000n, quoteScale: 1n },
  terms: {} as ListedMarket["terms"],
  state: "TRADING",
  createdMs: 0,
  updatedMs: 0,
};

/**
 * The funds of a process on a real database, beside the rules of the ledger in memory. The orders
 * are those that the test names: live ones, and rows.
 */
export async function testFunds() {
  await using stack = new AsyncDisposableStack();
  const migrations = [new URL("../store/migrations/", import.meta.url)];
  const db = stack.use(await testDatabase<Tables>({ migrations }));
  const clock = { ms: Date.now() };
  const ledger = testLedger(() => clock.ms);
  const live = new Set<string>();
  const listeners = new Set<(batch: AppliedBatch) => void>();
  const rows: { flushed: () => Promise<void> } = { flushed: async () => undefined };
  const writer = {
    epoch: 1,
    engine: { order: (order: string) => (live.has(order) ? { order } : undefined) },
    flushed: async () => rows.flushed(),
    burn: async (orders: readonly string[]) => {
      const { rows: burned } = await sql<{ id: string }>`
        insert into burned_order (id, at_ms)
        select id, 0 from unnest(${orders.map(uuidOf)}::uuid[]) as given (id)
        where not exists (select from orders where orders.id = given.id)
        on conflict (id) do update set at_ms = 0 returning id`.execute(db.sql);
      return burned.map(({ id }) => hexOf(id));
    },
    onBatch: (listener: (batch: AppliedBatch) => void) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
  await sql`update engine_shard set epoch = 1`.execute(db.sql);
  const log = testLog();
  const means: FundsMeans = {
    db,
    log,
    metrics: stack.use(createTelemetry("funds-test")),
    holds: ledger.holds,
    ledger: ledger.ledger,
    writer: writer as unknown as FundsMeans["writer"],
    markets: createMarkets([MARKET]),
    shard: 0,
    orphanAgeMs: 60_000,
  };
  const start = () => stack.use(createFunds(means, () => clock.ms));
  const funds = start();
  const open = stack.move();
  return {
    db,
    means,
    log,
    ledger,
    books: ledger.books,
    clock,
    live,
    rows,
    funds,
    /** Another process, after the one before has crashed or while it is still there. */
    start: () => open.use(createFunds(means, () => clock.ms)),
    /** A batch was applied that has freed something; its rows are there, unless they are to come. */
    freed: async (releases: readonly OwedRelease[], hasRows = true) => {
      if (hasRows) await insertReleases(db, releases);
      for (const listener of listeners) listener({ releases } as unknown as AppliedBatch);
    },
    /** The releases that are owed still. */
    owed: async () => {
      const { rows: all } = await sql<{ hold_id: string; step: number }>`
        select hold_id, step from release order by 1, 2`.execute(db.sql);
      return all.map(({ hold_id: hold, step }) => `${hexOf(hold)}/${step}`);
    },
    [Symbol.asyncDispose]: async () => open.disposeAsync(),
  };
}

async function insertReleases(db: FundsMeans["db"], releases: readonly OwedRelease[]) {
  for (const { hold, step, owner, asset, minor } of releases) {
    await sql`insert into release (hold_id, step, account_id, asset, amount_minor, created_ms)
      values (${uuidOf(hold)}, ${step}, ${uuidOf(owner)}, ${asset}, ${String(minor)}, 0)`.execute(
      db.sql,
    );
  }
}

/** A hold of USDT for a new order of an owner. */
export function wantedOf(ownerId: string, minor: bigint, order: string = hexOf(newId())): Wanted {
  return { order, owner: hexOf(ownerId), asset: "USDT", scale: 6, minor };
}
