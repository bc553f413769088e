import type { Account } from "../domain/account.ts";
import type { StoredTransfer } from "../domain/transfer.ts";

/** A commit as memory keeps it for the relay. */
export type RecentCommit = {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly transfers: readonly StoredTransfer[];
  readonly accountOf: AccountOf;
};

/** Finds an account by its slot. */
export type AccountOf = (slot: number) => Readonly<Account> | undefined;

/** The latest commits, so that the relay needn't read what the writer has just written. */
export type Commits = {
  /** Adds a commit, without gap after the one before, and tells the listeners. */
  add(transfers: readonly StoredTransfer[], accountOf: AccountOf): void;
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
    add(transfers, accountOf) {
      if (transfers.length === 0) return;
      const [firstSeq, lastSeq] = [transfers[0]!.seq, transfers.at(-1)!.seq];
      recent.push({ firstSeq, lastSeq, transfers, accountOf });
      count += transfers.length;
      while (count > maxTransfers) count -= recent.shift()!.transfers.length;
      for (const listener of listeners) listener();
    },
    after(seq, limit) {
      const isReachable = recent.length > 0 && recent[0]!.firstSeq <= seq + 1;
      if (!isReachable) return undefined;
      const from = recent.findIndex(({ firstSeq }) => firstSeq > seq);
      return from < 0 ? [] : recent.slice(from, from + limit);
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
