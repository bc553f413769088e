import type { Connection } from "#mesh/database/connection.ts";
import { isLost } from "#mesh/database/failure.ts";
import { REOPEN_MS } from "#mesh/limits.ts";
import { pause, untilFree } from "#mesh/shard/until-free.ts";
import type { ShardState } from "../store/engine-shard.ts";
import { type Books, type BooksOptions, holding, takeBooks } from "./books.ts";
import type { Desk } from "./desk.ts";
import { follow } from "./follow.ts";
import { createApplied, type Memory } from "./memory.ts";

/** How a standby waits. */
export type StandbyOptions = BooksOptions & {
  /** Ends the wait, by throwing its reason. */
  readonly signal?: AbortSignal;
};

/** What a standby has in memory, and what loads it anew. */
export type Warm = { readonly memory: Memory; readonly load: () => Promise<Memory> };

/**
 * Waits until no other writer has the shard, and takes it. Until then memory follows the journal as
 * far as its rows are stored, so that it is warm. Where taking it fails, memory may be further than
 * that, and is loaded anew.
 */
export async function standBy(options: StandbyOptions, desk: Desk, warm: Warm): Promise<Books> {
  const { log, signal, shard } = options;
  const applied = createApplied();
  let memory: Memory | undefined = warm.memory;
  for (;;) {
    try {
      const known = (memory ??= await warm.load());
      const free = await untilFree({
        ...holding(options),
        log,
        ...(signal && { signal }),
        follow: async (connection: Connection, { resultsBatch: until }: ShardState) =>
          follow(connection, known, { shard, until, applied }),
      });
      memory = undefined;
      const books = await takeBooks(options, free, { desk, warmUp: async () => known });
      if (books !== undefined) return books;
    } catch (error) {
      if (!isLost(error)) throw error;
      log.warn({ err: error }, "the journal can't be followed for now");
    }
    await pause(REOPEN_MS, signal);
  }
}
