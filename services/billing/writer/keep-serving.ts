import { setTimeout as sleep } from "node:timers/promises";
import { REOPEN_MS } from "#mesh/limits.ts";
import type { Log } from "#mesh/log.ts";
import { type Books, type BooksOptions, Deposed, openBooks } from "./books.ts";
import { BooksError } from "./check-books.ts";
import { type Desk, serve } from "./serve.ts";

type Options = BooksOptions & {
  readonly log: Log;
  /** Is told whether work is decided. */
  readonly setReady: (isReady: boolean) => void;
};

/**
 * Serves until the desk closes. When a commit failed or its outcome is unknown, memory is dropped
 * and the books are opened anew under the next epoch; the jobs that had no answer are decided
 * again, where their ids find what the commit has stored, if it has (WR-5, L8, L21). Returns the
 * reason to end for good: another writer has taken the shard, or the books do not add up.
 */
export async function keepServing(
  first: Books,
  desk: Desk,
  options: Options,
): Promise<Error | undefined> {
  const { log, setReady } = options;
  let opened: Books | undefined = first;
  while (opened !== undefined) {
    await using books: Books = opened;
    setReady(true);
    try {
      await serve(books, desk);
      return undefined;
    } catch (error) {
      setReady(false);
      desk.commits.clear();
      log.error({ err: error }, "the books are opened anew, since a commit may have failed");
    }
    try {
      opened = await reopen(desk, options);
    } catch (error) {
      return error as Error;
    }
  }
  return undefined;
}

/** Opens the books again as soon as the database lets us; nothing comes of it when we close. */
async function reopen(desk: Desk, options: Options): Promise<Books | undefined> {
  for (;;) {
    try {
      return await openBooks(options, true);
    } catch (error) {
      if (error instanceof Deposed || error instanceof BooksError) throw error;
      if (desk.isClosing()) return undefined;
      options.log.warn({ err: error }, "the books can't be opened yet");
    }
    await sleep(REOPEN_MS);
  }
}
