import type { Log } from "#mesh/log.ts";
import { handOver } from "#mesh/shard/hold-shard.ts";
import { reopen } from "#mesh/shard/reopen.ts";
import { ledgerShard } from "../store/ledger-shard.ts";
import { type Books, type BooksOptions, takeBooks } from "./books.ts";
import { BooksError } from "./check-books.ts";
import { loadMemory } from "./load-memory.ts";
import { type Desk, serve } from "./serve.ts";

type Options = BooksOptions & {
  readonly log: Log;
  /** Is told of the books that are served, and of none while they are opened anew. */
  readonly setBooks: (books: Books | undefined) => void;
};

/**
 * Serves until the desk closes, and gives the shard to the next then. When a commit failed or its
 * outcome is unknown, memory is dropped and the books are opened anew under the next epoch; the
 * jobs that had no answer are decided again, where their ids find what the commit has stored, if it
 * has (WR-5, L8, L21). Returns the reason to end for good: another writer has taken the shard, or
 * the books do not add up.
 */
export async function keepServing(
  first: Books,
  desk: Desk,
  options: Options,
): Promise<Error | undefined> {
  const { log, setBooks } = options;
  let opened: Books | undefined = first;
  while (opened !== undefined) {
    await using books: Books = opened;
    setBooks(books);
    try {
      await serve(books, desk);
      await handOver(ledgerShard, books);
      return undefined;
    } catch (error) {
      setBooks(undefined);
      desk.commits.clear();
      log.error({ err: error }, "the books are opened anew, since a commit may have failed");
    }
    try {
      opened = await reopen({
        ...options,
        take: async () =>
          takeBooks(options, "ourselves", async ({ reads }) => {
            return { memory: await loadMemory(reads, options), usedIds: desk.usedIds };
          }),
        isFinal: (error) => error instanceof BooksError,
        isClosing: desk.isClosing,
      });
    } catch (error) {
      return error as Error;
    }
  }
  return undefined;
}
