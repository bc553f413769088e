import { RECENT_TRANSFERS_PER_GENERATION } from "#mesh/limits.ts";
import type { Account } from "./account.ts";
import { type Accounts, createAccountTable, type LedgerSums } from "./accounts.ts";
import { createOpenPendings, type OpenPendings } from "./open-pendings.ts";
import type { AccountColumns } from "./packed-accounts.ts";
import { createRecentTransfers, type RecentTransfers } from "./recent-transfers.ts";
import type { FailedTransfer, StoredTransfer } from "./transfer.ts";
import type { UndoLog } from "./undo-log.ts";

/** What a ledger starts from: what the store holds after its last commit. */
export type LedgerState = {
  /** The numbers of the assets. */
  readonly ledgers: ReadonlySet<number>;
  /** The accounts in parts, by slot. */
  readonly accounts: readonly AccountColumns[];
  /** What the accounts add up to, as the store says; nothing when there are none. */
  readonly sums?: readonly LedgerSums[];
  readonly openPendings: Iterable<StoredTransfer>;
  readonly lastSeq: number;
  /** The time of the last row, in microseconds since 1970. */
  readonly lastAtUs: number;
  readonly lastSlot: number;
  /** How many ids to remember before the older ones are forgotten; they stay in the store. */
  readonly recentTransfers?: number;
};

/** What has happened since the last take, in the order in which it happened. */
export type OpenChanges = {
  readonly accounts: Account[];
  readonly transfers: StoredTransfer[];
  readonly touched: Account[];
  readonly opened: StoredTransfer[];
  readonly closed: StoredTransfer[];
  readonly failed: FailedTransfer[];
};

/** All that the ledger knows. */
export type Memory = {
  ledgers: ReadonlySet<number>;
  readonly accounts: Accounts;
  readonly pendings: OpenPendings;
  readonly recent: RecentTransfers;
  changes: OpenChanges;
  /** By slot, the last take whose changes hold the account, so that each holds it once. */
  readonly touchedIn: number[];
  take: number;
  lastSeq: number;
  lastAtUs: number;
  lastSlot: number;
  /** The time of the batch, in microseconds since 1970; never before the last row. */
  nowUs: number;
  /** How to undo the chain under way. */
  undo: UndoLog | undefined;
  /** Whether a change is under way, or was when an error ended it. */
  isChanging: boolean;
};

/** Fills the memory of a ledger. */
export function createMemory(state: LedgerState): Memory {
  const memory: Memory = {
    ledgers: state.ledgers,
    accounts: createAccountTable(state.accounts, state.sums),
    pendings: createOpenPendings(),
    recent: createRecentTransfers(state.recentTransfers ?? RECENT_TRANSFERS_PER_GENERATION),
    changes: noChanges(),
    touchedIn: Array.from({ length: state.lastSlot + 1 }, () => 0),
    take: 1,
    lastSeq: state.lastSeq,
    lastAtUs: state.lastAtUs,
    lastSlot: state.lastSlot,
    nowUs: state.lastAtUs,
    undo: undefined,
    isChanging: false,
  };
  for (const row of state.openPendings) memory.pendings.add(row);
  return memory;
}

/** Adds a new account, or one that another writer has opened. */
export function remember(memory: Memory, account: Account) {
  memory.accounts.add(account);
  memory.touchedIn[account.slot] = 0;
}

/** Begins a batch. A clock that went back does not take the ledger with it (TRF-6). */
export function setTime(memory: Memory, atUs: number) {
  memory.nowUs = Math.max(atUs, memory.lastAtUs);
}

/** The time of the next row: that of the batch, but always after the row before (TRF-6). */
export function nextAtUs(memory: Memory): number {
  return Math.max(memory.nowUs, memory.lastAtUs + 1);
}

/** The changes of nothing. */
export function noChanges(): OpenChanges {
  return { accounts: [], transfers: [], touched: [], opened: [], closed: [], failed: [] };
}
