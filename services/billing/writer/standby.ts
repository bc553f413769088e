import type { Connection } from "#mesh/database/connection.ts";
import { isLost } from "#mesh/database/failure.ts";
import { REOPEN_MS } from "#mesh/limits.ts";
import type { Log } from "#mesh/log.ts";
import { pause, untilFree } from "#mesh/shard/until-free.ts";
import type { Shard } from "../store/ledger-shard.ts";
import { type Books, type BooksOptions, holding, takeBooks } from "./books.ts";
import { catchUp, type Warm } from "./catch-up.ts";

/** How a standby waits. */
export type StandbyOptions = BooksOptions & {
  readonly log: Log;
  /** Ends the wait, by throwing its reason. */
  readonly signal?: AbortSignal;
};

/**
 * Waits until no other writer has the shard, and takes it. Until then memory follows what the other
 * one stores, so that it is warm (WR-6).
 */
export async function standBy(options: StandbyOptions, warm: Warm): Promise<Books> {
  const { log, signal } = options;
  const following = {
    ...holding(options),
    log,
    ...(signal && { signal }),
    follow: async (connection: Connection, shard: Shard) => catchUp(connection, warm, shard),
  };
  for (;;) {
    try {
      const books = await takeBooks(options, await untilFree(following), () => warm);
      if (books !== undefined) return books;
    } catch (error) {
      if (!isLost(error)) throw error;
      log.warn({ err: error }, "the books can't be followed for now");
    }
    await pause(REOPEN_MS, signal);
  }
}
