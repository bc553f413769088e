import { committed } from "#mesh/events/outbox.ts";
import { failpoint } from "#mesh/failpoint.ts";
import { MAX_PENDING_ROWS, STORE_ROWS_EVERY_MS } from "#mesh/limits.ts";
import type { ResultRows } from "../store/result-rows.ts";
import { storeResults } from "../store/store-batch.ts";
import type { Books } from "./books.ts";
import type { Desk } from "./desk.ts";

/** Stores what batches have led to, beside the journal, which does not wait for it. */
export type Storing = {
  /** Stores what there is by now; while others are being served not more often than it pays. */
  stir(isBusy: boolean): void;
  /** Whether all is stored. */
  isDone(): boolean;
  /** Whether so much waits that no more ought to be journaled. */
  isBehind(): boolean;
  /** Settles when nothing is on its way. */
  ended(): Promise<void>;
};

/** What it takes to store rows, and who hears when that fails. */
export type StoringOptions = {
  readonly books: Pick<Books, "results" | "reads" | "fence" | "taken" | "memory">;
  readonly desk: Pick<Desk, "flushes" | "observe" | "bell">;
  readonly fail: (error: Error) => void;
};

/** Begins after the batch whose rows were stored when the shard was taken. */
export function createStoring({ books, desk, fail }: StoringOptions): Storing {
  const { results, reads, fence, memory } = books;
  let after = books.taken.resultsBatch;
  let current: Promise<void> | undefined;
  let begunMs = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  const store = async (rows: ResultRows) => {
    await failpoint("matching.applied");
    await storeResults(reads, fence, { results: rows, after });
    after = rows.batch;
    desk.flushes.stored(rows.batch);
    desk.observe.stored(rows.batch, memory.batch);
    if (rows.events.length > 0) committed();
  };
  const begin = () => {
    clearTimeout(timer);
    timer = undefined;
    const rows = results?.take();
    if (rows === undefined) return;
    begunMs = performance.now();
    current = store(rows)
      .catch((error: unknown) => fail(error as Error))
      .finally(() => {
        current = undefined;
        desk.bell.ring();
      });
  };
  return {
    stir(isBusy) {
      if (current !== undefined || results === undefined || results.rows === 0) return;
      const restMs = STORE_ROWS_EVERY_MS - (performance.now() - begunMs);
      if (isBusy && restMs > 0 && !desk.flushes.isAwaited()) timer ??= setTimeout(begin, restMs);
      else begin();
    },
    isDone: () => current === undefined && (results?.rows ?? 0) === 0,
    isBehind: () => (results?.rows ?? 0) >= MAX_PENDING_ROWS,
    ended: async () => {
      clearTimeout(timer);
      await current;
    },
  };
}
