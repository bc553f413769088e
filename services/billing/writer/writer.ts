import type { Metrics } from "#mesh/metrics.ts";
import { CALL_SECONDS, MAX_QUEUED_EVENTS, RECENT_COMMITTED_TRANSFERS } from "#mesh/limits.ts";
import { fail } from "#mesh/reasons.ts";
import { newId } from "#mesh/ids.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { createBell } from "#mesh/shard/bell.ts";
import { type Assets, createAssets } from "../domain/asset.ts";
import type { Memory } from "../domain/memory.ts";
import { type Books, takeBooks } from "./books.ts";
import { type Commits, createCommits } from "./commits.ts";
import { keepServing } from "./keep-serving.ts";
import { createQueue } from "./queue.ts";
import type { Desk } from "./serve.ts";
import { loadMemory } from "./load-memory.ts";
import { standBy, type StandbyOptions } from "./standby.ts";
import { readUsedIds, type UsedIds } from "./used-ids.ts";
import type { Job, Work } from "./work.ts";

/**
 * The one who writes to a shard of the ledger (WR-1). Disposing of it ends the intake, works off
 * what is queued and closes the connections.
 */
export type Writer = AsyncDisposable & {
  /**
   * Decides work in its turn. The answer comes after the commit; when it fails to come, the outcome
   * is unknown, and the same ids will tell. Throws OVERLOADED at the cap of the queue,
   * DEADLINE_PASSED for work whose turn comes too late, and SHUTTING_DOWN.
   */
  submit<R>(work: Work<R>): Promise<R>;
  /** Whether work is decided now; not while the books are opened anew. */
  isReady(): boolean;
  /** How many events wait. */
  queuedEvents(): number;
  /** What was committed lately. */
  readonly commits: Commits;
  /** What is counted; it grows as assets are committed. */
  readonly assets: Assets;
  /** Settles when nothing is written any more; with the reason, if nobody asked for it. */
  readonly ended: Promise<Error | undefined>;
};

/** Which books to write, and what to tell on the way. */
export type WriterOptions = Omit<StandbyOptions, "owner"> & {
  /** Who writes, as operators see it. */
  readonly owner: string;
  /** Take the shard when no other writer has it, as if nothing is said, or whoever has it. */
  readonly when?: "free" | "now";
  readonly metrics?: Metrics;
};

/**
 * Takes the shard as soon as it may, standing by until then, and begins to write. Throws a
 * BooksError when the books do not add up (WR-7), and the reason of the signal that ends the wait.
 */
export async function startWriter(wanted: WriterOptions): Promise<Writer> {
  const options = { ...wanted, owner: `${wanted.owner} ${newId()}` };
  const queue = createQueue(MAX_QUEUED_EVENTS, options.clock);
  const bell = createBell();
  const commits = createCommits(RECENT_COMMITTED_TRANSFERS);
  const assets = createAssets([]);
  let isClosing = false;
  let isReady = true;
  const { committed: observe, taken, standsBy } = observer(options.metrics);
  standsBy(true);
  const { books, usedIds } = await openBooks(options);
  standsBy(false);
  const desk = { queue, bell, commits, usedIds, assets, isClosing: () => isClosing, observe };
  const setBooks = (opened: Books | undefined) => {
    isReady = opened !== undefined;
    if (opened !== undefined) taken(opened.fence.epoch);
  };
  const serving = keepServing(books, desk, { ...options, setBooks });
  const ended = serving.then(async (reason) => {
    isClosing = true;
    isReady = false;
    queue.refuse(shuttingDown());
    await usedIds[Symbol.asyncDispose]();
    return reason;
  });
  return {
    commits,
    assets,
    ended,
    isReady: () => isReady,
    queuedEvents: () => queue.eventCount,
    submit: async <R>(work: Work<R>) => {
      if (isClosing) throw shuttingDown();
      const { promise, resolve, reject } = Promise.withResolvers<R>();
      queue.add({ work, resolve: resolve as Job["resolve"], reject, refusals: 0 });
      bell.ring();
      return promise;
    },
    [Symbol.asyncDispose]: async () => {
      isClosing = true;
      bell.ring();
      await ended;
    },
  };
}

type Opened = { readonly books: Books; readonly usedIds: UsedIds };

/** Reads the books, and takes the shard then, so that nobody waits for the reading. */
async function openBooks(options: WriterOptions): Promise<Opened> {
  const { url, log } = options;
  const memory = await load(options);
  await using opened = new AsyncDisposableStack();
  const usedIds = opened.use(readUsedIds(url, 2 * memory.lastSeq + MIN_EXPECTED_IDS, log));
  const warm = { memory, usedIds };
  const isForced = options.when === "now";
  const books = isForced
    ? await takeBooks(options, "anybody", () => warm)
    : await standBy(options, warm);
  usedIds.finish();
  opened.move();
  return { books: books!, usedIds };
}

async function load(options: StandbyOptions): Promise<Memory> {
  await using connection = await openConnection({ url: options.url, name: "ledger load" });
  return await loadMemory(connection, options);
}

/** A filter for a million ids takes two megabytes. */
const MIN_EXPECTED_IDS = 1_000_000;

function shuttingDown() {
  return fail("SHUTTING_DOWN", { resource: "The ledger" });
}

type Observer = {
  readonly committed: Desk["observe"];
  readonly taken: (epoch: number) => void;
  readonly standsBy: (isStandby: boolean) => void;
};

/** Counts what happens; nothing where nobody wants to know. */
function observer(metrics: Metrics | undefined): Observer {
  const transfers = metrics?.counter("mizan_ledger_transfers_total", "Transfers committed.");
  const commits = metrics?.histogram(
    "mizan_ledger_commit_seconds",
    "How long the commits of the ledger take.",
    CALL_SECONDS,
  );
  const epochs = metrics?.gauge("mizan_ledger_epoch", "The epoch under which this one writes.");
  const standby = metrics?.gauge("mizan_ledger_standby", "1 while another one may write.");
  return {
    committed: (count, seconds) => {
      transfers?.add({}, count);
      commits?.observe(seconds);
    },
    taken: (epoch) => epochs?.set(epoch),
    standsBy: (isStandby) => standby?.set(Number(isStandby)),
  };
}
