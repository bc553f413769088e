import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { FILTER_CHUNK_IDS, REOPEN_MS } from "#mesh/limits.ts";
import { ZERO_ID } from "#mesh/ids.ts";
import type { Log } from "#mesh/log.ts";
import type { Id } from "../domain/account.ts";
import { type IdChunk, readFailedIds, readTransferIds } from "../store/used-ids.ts";
import { createIdFilter } from "./id-filter.ts";

/**
 * Which ids the store may have. It outlives the books, since a used id stays used. The ids of the
 * store are read beside all else, on a connection of their own, which closes when all are read.
 */
export type UsedIds = AsyncDisposable & {
  /** False only for an id that nobody has used; always true until all ids of the store are read. */
  mayBeUsed(id: Id): boolean;
  /** Notes an id that is about to be used, or that another writer has used. */
  add(id: Id): void;
  /** Says that the shard is ours: only now can the ids that refusals burned be read to the end. */
  finish(): void;
};

/** Begins to read the ids of a store that has about so many. */
export function readUsedIds(url: string, expectedIds: number, log: Log): UsedIds {
  const filter = createIdFilter(expectedIds);
  const over = new AbortController();
  const { promise: ours, resolve: finish } = Promise.withResolvers<void>();
  const take = (ids: Uint8Array) => filter.addAll(ids);
  const store = { url, log, signal: over.signal, take };
  let isComplete = false;
  const readAll = async () => {
    await readParts(store, readTransferIds, 0);
    await ours;
    await readParts(store, readFailedIds, ZERO_ID);
    isComplete = !over.signal.aborted;
  };
  const reading = readAll();
  return {
    mayBeUsed: (id) => !isComplete || filter.mayHave(id),
    add: (id) => filter.add(id),
    finish,
    [Symbol.asyncDispose]: async () => {
      over.abort();
      finish();
      await reading;
    },
  };
}

type Store = {
  readonly url: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly take: (ids: Uint8Array) => void;
};

type ReadPart<P> = (connection: Connection, after: P, limit: number) => Promise<IdChunk<P>>;

/** Reads part by part to the end, however often the connection is lost; less when it is told to. */
async function readParts<P>(store: Store, readPart: ReadPart<P>, start: P): Promise<void> {
  const { url, log, signal, take } = store;
  let next: P | undefined = start;
  while (next !== undefined && !signal.aborted) {
    try {
      await using connection = await openConnection({ url, name: "ledger ids" });
      while (next !== undefined && !signal.aborted) {
        const { ids, last }: IdChunk<P> = await readPart(connection, next, FILTER_CHUNK_IDS);
        take(ids);
        next = last;
      }
    } catch (error) {
      log.warn({ err: error }, "the used ids can't be read for now");
      await sleep(REOPEN_MS, undefined, { signal }).catch(() => {});
    }
  }
}
