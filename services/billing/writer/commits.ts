import { MAX_EVENT_TRANSFERS } from "#mesh/limits.ts";
import type { Account } from "../domain/account.ts";
import type { StoredTransfer } from "../domain/transfer.ts";

/** The transfers of one event, as memory keeps them for the relay. */
type RecentCommit = {
  /** Who has made it. */
  readonly epoch: number;
  readonly transfers: readonly StoredTransfer[];
  /** The accounts that its event tells of. */
  readonly opened: readonly Readonly<Account>[];
  readonly accountOf: AccountOf;
};

/** Finds the account of a transfer by its slot. */
type AccountOf = (slot: number) => Readonly<Account>;

/** The latest commits, so that the relay needn't read what the writer has just written. */
export type Commits = {
  /** Adds a commit, without gap after the one before, and tells the listeners. */
  add(commit: RecentCommit): void;
  /** The commits after a seq, `limit` at most; undefined when memory does not reach back so far. */
  after(seq: number, limit: number): readonly RecentCommit[] | undefined;
  /** Forgets all: it is not known what was committed since. */
  clear(): void;
  onCommit(listener: () => void): Disposable;
};

/** Remembers commits with at most so many transfers. */
export function createCommits(maxTransfers: number): Commits {
  let recent: RecentCommit[] = [];
  let count = 0;
  const listeners = new Set<() => void>();
  return {
    add({ epoch, transfers, opened, accountOf }) {
      if (transfers.length === 0) return;
      for (let from = 0; from < transfers.length; from += MAX_EVENT_TRANSFERS) {
        const part = transfers.slice(from, from + MAX_EVENT_TRANSFERS);
        recent.push({ epoch, transfers: part, opened: from === 0 ? opened : [], accountOf });
      }
      count += transfers.length;
      while (count > maxTransfers) count -= recent.shift()!.transfers.length;
      for (const listener of listeners) listener();
    },
    after(seq, limit) {
      const firstSeq = recent[0]?.transfers[0]!.seq ?? Infinity;
      if (firstSeq > seq + 1) return undefined;
      // From the end: whoever reads is close behind.
      const from = recent.findLastIndex(({ transfers }) => transfers[0]!.seq <= seq) + 1;
      return recent.slice(from, from + limit);
    },
    clear() {
      recent = [];
      count = 0;
    },
    onCommit(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}
