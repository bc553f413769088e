import type { BurnedId, StoredTransfer } from "./transfer.ts";
import type { Id } from "./account.ts";

/** What became of an id for good: a transfer, or a refusal that burned it (IDEM-1, IDEM-3). */
type Decided = StoredTransfer | BurnedId;

/** The ids of the recent past. The store has them all; memory only has to span a commit. */
export type RecentTransfers = {
  /** Finds what became of an id, and keeps it in memory for one more rotation. */
  find(id: Id): Decided | undefined;
  add(decided: Decided): void;
  remove(id: Id): void;
  /** Forgets the old generation when the young one is full. */
  rotate(): void;
};

/**
 * Remembers ids in two generations. What was added or found since the rotation before the last one
 * is always there, so that an id found before a commit is still known after it.
 */
export function createRecentTransfers(idsPerGeneration: number): RecentTransfers {
  let young = new Map<Id, Decided>();
  let old = new Map<Id, Decided>();
  return {
    find(id) {
      const known = young.get(id);
      if (known !== undefined || old.size === 0) return known;
      const faded = old.get(id);
      if (faded !== undefined) young.set(id, faded);
      return faded;
    },
    add: (decided) => void young.set(decided.id, decided),
    remove(id) {
      young.delete(id);
      old.delete(id);
    },
    rotate() {
      if (young.size < idsPerGeneration) return;
      old = young;
      young = new Map();
    },
  };
}
