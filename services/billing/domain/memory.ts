import { RECENT_TRANSFERS_PER_GENERATION } from "#mesh/limits.ts";
import type { Account, Id } from "./account.ts";
import { createOpenPendings, type OpenPendings } from "./open-pendings.ts";
import { createRecentTransfers, type RecentTransfers } from "./recent-transfers.ts";
import type { FailedTransfer, StoredTransfer } from "./transfer.ts";
import type { UndoLog } from "./undo-log.ts";

/** What a ledger starts from: what the store holds after its last commit. */
export type LedgerState = {
  /** The numbers of the assets. */
  readonly ledgers: ReadonlySet<number>;
  readonly accounts: Iterable<Account>;
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
  readonly accounts: Map<Id, Account>;
  /** Accounts by slot; slot 0 is nobody's. */
  readonly slots: (Account | undefined)[];
  readonly owners: Map<Id, Account[]>;
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
    accounts: new Map(),
    slots: [undefined],
    owners: new Map(),
    pendings: createOpenPendings(),
    recent: createRecentTransfers(state.recentTransfers ?? RECENT_TRANSFERS_PER_GENERATION),
    changes: noChanges(),
    touchedIn: [0],
    take: 1,
    lastSeq: state.lastSeq,
    lastAtUs: state.lastAtUs,
    lastSlot: state.lastSlot,
    nowUs: state.lastAtUs,
    undo: undefined,
    isChanging: false,
  };
  for (const account of state.accounts) remember(memory, account);
  for (const row of state.openPendings) memory.pendings.add(row);
  return memory;
}

/** Adds an account to the indexes of the memory. */
export function remember(memory: Memory, account: Account) {
  memory.accounts.set(account.id, account);
  memory.slots[account.slot] = account;
  memory.touchedIn[account.slot] = 0;
  const siblings = memory.owners.get(account.userData);
  if (siblings === undefined) memory.owners.set(account.userData, [account]);
  else siblings.push(account);
}

/** Takes the newest account out of the indexes of the memory. */
export function forget(memory: Memory, account: Account) {
  memory.accounts.delete(account.id);
  memory.slots.length = account.slot;
  const siblings = memory.owners.get(account.userData);
  if (siblings?.length === 1) memory.owners.delete(account.userData);
  else siblings?.pop();
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
