import { isError, isLost } from "#mesh/database/failure.ts";
import { MAX_COMMIT_REFUSALS } from "#mesh/limits.ts";
import { FenceLost, handOver } from "#mesh/shard/hold-shard.ts";
import { reopen } from "#mesh/shard/reopen.ts";
import { engineShard } from "../store/engine-shard.ts";
import { FENCE_LOST } from "../store/store-batch.ts";
import { type Books, type BooksOptions, takeBooks } from "./books.ts";
import type { Desk } from "./desk.ts";
import { loadMemory } from "./load-memory.ts";
import { JournalError } from "./memory.ts";
import { serve } from "./serve.ts";

type Options = BooksOptions & {
  /** Is told of the books that are served, and of none while they are opened anew. */
  readonly setBooks: (books: Books | undefined) => void;
};

/**
 * Serves until the desk closes, and gives the shard to the next then. When a commit failed or its
 * outcome is unknown, memory is dropped and loaded anew under the next epoch: the callers of a batch
 * that is in the journal are answered from there, the others' commands are journaled again (L8,
 * L21). Returns the reason to end for good: another writer has taken the shard, the journal is
 * damaged, or PostgreSQL refuses what is to be stored again and again.
 */
export async function keepServing(
  first: Books,
  desk: Desk,
  options: Options,
): Promise<Error | undefined> {
  const { log, setBooks } = options;
  let opened: Books | undefined = first;
  let refusals = 0;
  while (opened !== undefined) {
    await using books: Books = opened;
    setBooks(books);
    try {
      await serve(books, desk);
      await books.snapshots.last();
      await handOver(engineShard, books);
      return undefined;
    } catch (error) {
      setBooks(undefined);
      if (!isLost(error) && !isFenceLost(error)) refusals += 1;
      if (refusals > MAX_COMMIT_REFUSALS) return error as Error;
      log.error({ err: error }, "the books are opened anew, since a commit may have failed");
    }
    try {
      opened = await reopen({
        ...options,
        take: async () => takeBack(desk, options),
        isFinal: (error) => error instanceof JournalError,
        isClosing: desk.isClosing,
      });
      if (opened !== undefined && storedTo(opened) > storedTo(books)) refusals = 0;
    } catch (error) {
      return error as Error;
    }
  }
  return undefined;
}

/** The last batch that PostgreSQL had taken all of when books were opened. */
function storedTo({ results, taken }: Books): number {
  return results === undefined ? taken.lastBatch : taken.resultsBatch;
}

function isFenceLost(error: unknown): boolean {
  return error instanceof FenceLost || isError(error, FENCE_LOST);
}

/** Takes the shard back; the callers without an answer are served by its books. */
async function takeBack(desk: Desk, options: Options): Promise<Books | undefined> {
  const books = await takeBooks(options, "ourselves", {
    desk,
    warmUp: async ({ reads }) => loadMemory(reads, options),
  });
  if (books === undefined) return undefined;
  desk.queue.putBack(desk.unanswered.flatMap(({ jobs }) => jobs.map(({ job }) => job)));
  desk.unanswered = [];
  return books;
}
