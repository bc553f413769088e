import type { Log } from "#mesh/log.ts";
import type { Metrics } from "#mesh/metrics.ts";
import { CALL_SECONDS, MAX_QUEUED_EVENTS, RECENT_COMMITTED_TRANSFERS } from "#mesh/limits.ts";
import { fail } from "#mesh/reasons.ts";
import { newId } from "#mesh/ids.ts";
import { type Assets, createAssets } from "../domain/asset.ts";
import { createBell } from "./bell.ts";
import { type BooksOptions, openBooks } from "./books.ts";
import { type Commits, createCommits } from "./commits.ts";
import { keepServing } from "./keep-serving.ts";
import { createQueue } from "./queue.ts";
import type { Desk } from "./serve.ts";
import { createUsedIds } from "./used-ids.ts";
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
export type WriterOptions = Omit<BooksOptions, "owner"> & {
  /** Who writes, as operators see it. */
  readonly owner: string;
  readonly log: Log;
  readonly metrics?: Metrics;
};

/** Opens the books and begins to write; throws what openBooks throws. */
export async function startWriter(wanted: WriterOptions): Promise<Writer> {
  const options = { ...wanted, owner: `${wanted.owner} ${newId()}` };
  const queue = createQueue(MAX_QUEUED_EVENTS, options.clock);
  const bell = createBell();
  const commits = createCommits(RECENT_COMMITTED_TRANSFERS);
  const assets = createAssets([]);
  let isClosing = false;
  let isReady = true;
  const observe = observer(options.metrics);
  const books = await openBooks(options, false);
  const usedIds = createUsedIds(2 * books.ledger.lastSeq + MIN_EXPECTED_IDS);
  const desk = { queue, bell, commits, usedIds, assets, isClosing: () => isClosing, observe };
  const setReady = (ready: boolean) => (isReady = ready);
  const serving = keepServing(books, desk, { ...options, setReady });
  const ended = serving.then((reason) => {
    isClosing = true;
    isReady = false;
    queue.refuse(shuttingDown());
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

/** A filter for a million ids takes two megabytes. */
const MIN_EXPECTED_IDS = 1_000_000;

function shuttingDown() {
  return fail("SHUTTING_DOWN", { resource: "The ledger" });
}

/** Counts what is committed; nothing where nobody wants to know. */
function observer(metrics: Metrics | undefined): Desk["observe"] {
  const transfers = metrics?.counter("mizan_ledger_transfers_total", "Transfers committed.");
  const commits = metrics?.histogram(
    "mizan_ledger_commit_seconds",
    "How long the commits of the ledger take.",
    CALL_SECONDS,
  );
  return (count, seconds) => {
    transfers?.add({}, count);
    commits?.observe(seconds);
  };
}
