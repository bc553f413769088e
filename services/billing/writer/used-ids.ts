import type { Connection } from "#mesh/database/connection.ts";
import { FILTER_CHUNK_IDS } from "#mesh/limits.ts";
import { ZERO_ID } from "#mesh/ids.ts";
import type { Id } from "../domain/account.ts";
import { readFailedIds, readTransferIds } from "../store/used-ids.ts";
import { createIdFilter } from "./id-filter.ts";

/** Which ids the store may have. It outlives the books, since a used id stays used. */
export type UsedIds = {
  /** False only for an id that nobody has used; always true until all ids of the store are read. */
  mayBeUsed(id: Id): boolean;
  /** Notes an id that is about to be used. */
  add(id: Id): void;
  /** Goes on reading the ids of the store, part by part; throws when the connection is lost. */
  read(connection: Connection): Promise<void>;
};

/** Begins with none of the ids of a store that has about so many. */
export function createUsedIds(expectedIds: number): UsedIds {
  const filter = createIdFilter(expectedIds);
  let isComplete = false;
  let lastUs = 0;
  return {
    mayBeUsed: (id) => !isComplete || filter.mayHave(id),
    add: (id) => filter.add(id),
    async read(connection) {
      if (isComplete) return;
      for (let atUs: number | undefined = lastUs; atUs !== undefined;) {
        lastUs = atUs;
        const { ids, last } = await readTransferIds(connection, atUs, FILTER_CHUNK_IDS);
        filter.addAll(ids);
        atUs = last;
      }
      for (let id: Id | undefined = ZERO_ID; id !== undefined;) {
        const { ids, last } = await readFailedIds(connection, id, FILTER_CHUNK_IDS);
        filter.addAll(ids);
        id = last;
      }
      isComplete = true;
    },
  };
}
