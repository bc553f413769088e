import type { Database } from "#mesh/database/connect.ts";
import type { Taking } from "#mesh/database/shard-row.ts";
import { failpoint } from "#mesh/failpoint.ts";
import { type Held, type HoldOptions, holdShard, underLease } from "#mesh/shard/hold-shard.ts";
import type { Log } from "#mesh/log.ts";
import type { Markets } from "../domain/markets.ts";
import { engineShard, type ShardState } from "../store/engine-shard.ts";
import { readProgress } from "../store/market-progress.ts";
import { readMarkets } from "../store/markets.ts";
import type { Tables } from "../store/tables.ts";
import type { Batch } from "./batch.ts";
import type { Desk } from "./desk.ts";
import { follow, journalBetween } from "./follow.ts";
import { createApplied, type Memory } from "./memory.ts";
import { createNumbering, type Numbering } from "./numbering.ts";
import { resultSources } from "./result-sources.ts";
import { createResults, type Results } from "./results.ts";
import { createSnapshots, type SnapshotOptions, type Snapshots } from "./snapshots.ts";

/** The books in memory, and the shard that they are of. */
export type Books = Held<ShardState> & {
  readonly memory: Memory;
  /** Undefined where nobody wants any. */
  readonly results: Results | undefined;
  readonly numbering: Numbering;
  readonly snapshots: Snapshots;
};

/** Which books to open. */
export type BooksOptions = Omit<HoldOptions<ShardState>, "row" | "name" | "url"> &
  Pick<SnapshotOptions, "snapshotEvery" | "journalKeepDays"> & {
    readonly db: Database<Tables>;
    readonly log: Log;
    /** The markets that are listed; those that others have listed are added. */
    readonly markets: Markets;
    /** Whether rows of orders and trades are stored; not where only the journal is measured. */
    readonly hasResults?: boolean;
  };

/** How the shard of the books is held. */
export function holding(options: BooksOptions): HoldOptions<ShardState> {
  const { db, shard, owner, clock } = options;
  return { url: db.url, shard, owner, clock, row: engineShard, name: "matching" };
}

/**
 * Takes the shard and opens its books, with a memory that is warm by then or is loaded while the
 * shard is held. What is journaled and has no rows yet is applied as if it came now. Undefined when
 * the shard is somebody else's; throws a JournalError when the journal can't be gone on with.
 */
export async function takeBooks(
  options: BooksOptions,
  from: Taking["from"],
  { desk, warmUp }: { readonly desk: Desk; warmUp: (held: Held<ShardState>) => Promise<Memory> },
): Promise<Books | undefined> {
  await using opened = new AsyncDisposableStack();
  const held = await holdShard(holding(options), from);
  if (held === undefined) return undefined;
  opened.use(held);
  await failpoint("matching.takeover");
  const { commits, taken, fence } = held;
  const memory = await warmUp(held);
  const { shard, markets, hasResults = true } = options;
  const until = hasResults ? taken.resultsBatch : taken.lastBatch;
  await follow(commits, memory, { shard, until, applied: createApplied() });
  for (const market of await readMarkets(options.db.sql)) markets.put(market);
  const results = hasResults
    ? createResults(resultSources(memory.engine, markets), await readProgress(commits))
    : undefined;
  const isOpened = { memory, results };
  const tail = { shard, after: memory.batch, until: taken.lastBatch };
  for await (const row of journalBetween(commits, tail)) {
    desk.applier.apply(isOpened, row, takeUnanswered(desk, row) ?? "replay");
  }
  desk.flushes.applied(memory.batch);
  desk.flushes.stored(hasResults ? taken.resultsBatch : memory.batch);
  const numbering = createNumbering(memory.engine);
  const snapshots = await createSnapshots({ ...options, url: options.db.url, fence, memory });
  if (!held.lease.isHeld()) await underLease(held, async () => engineShard.renew(commits, fence));
  opened.move();
  const close = async () => {
    await snapshots[Symbol.asyncDispose]();
    await held[Symbol.asyncDispose]();
  };
  return { ...held, ...isOpened, numbering, snapshots, [Symbol.asyncDispose]: close };
}

/** Finds the batch whose callers wait for this row: it was stored, though its answer was lost. */
function takeUnanswered(desk: Desk, row: { batch: number; crc32: number }): Batch | undefined {
  const found = desk.unanswered.find(
    (batch) => batch.row?.batch === row.batch && batch.row.crc32 === row.crc32,
  );
  if (found !== undefined) desk.unanswered = desk.unanswered.filter((batch) => batch !== found);
  return found;
}
