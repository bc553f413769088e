import type { Account } from "./account.ts";
import type { Memory } from "./memory.ts";
import { TransferKinds } from "./transfer.ts";

/** What it takes to undo a chain (WR-8): where everything stood when it began. */
export type UndoLog = {
  /** The chain around it, when all of them are to be undone together. */
  readonly outer: UndoLog | undefined;
  readonly saved: SavedAccount[];
  readonly lastSeq: number;
  readonly lastAtUs: number;
  readonly lastSlot: number;
  readonly accounts: number;
  readonly transfers: number;
  readonly touched: number;
  readonly opened: number;
  readonly closed: number;
  readonly failed: number;
};

type SavedAccount = { readonly account: Account; readonly before: Readonly<Account> };

/** Begins a chain: from now on all that changes can be undone. It may stand inside another one. */
export function beginChain(memory: Memory) {
  const { changes, lastSeq, lastAtUs, lastSlot } = memory;
  memory.undo = {
    outer: memory.undo,
    saved: [],
    lastSeq,
    lastAtUs,
    lastSlot,
    accounts: changes.accounts.length,
    transfers: changes.transfers.length,
    touched: changes.touched.length,
    opened: changes.opened.length,
    closed: changes.closed.length,
    failed: changes.failed.length,
  };
}

/** Ends a chain that succeeded; the one around it may still undo it. */
export function keepChain(memory: Memory) {
  const { saved, outer } = memory.undo!;
  if (outer !== undefined) for (const one of saved) outer.saved.push(one);
  memory.undo = outer;
}

/** Ends a chain that failed: nothing of it remains (CHAIN-3). */
export function undoChain(memory: Memory) {
  const log = memory.undo!;
  for (const { account, before } of log.saved.toReversed()) Object.assign(account, before);
  undoPendings(memory, log);
  undoTransfers(memory, log);
  for (const { id } of memory.changes.failed.splice(log.failed)) memory.recent.remove(id);
  for (const { slot } of memory.changes.touched.splice(log.touched)) memory.touchedIn[slot] = 0;
  for (const account of memory.changes.accounts.splice(log.accounts).toReversed()) {
    memory.accounts.remove(account);
  }
  memory.lastSeq = log.lastSeq;
  memory.lastAtUs = log.lastAtUs;
  memory.lastSlot = log.lastSlot;
  memory.undo = log.outer;
}

/** Keeps the counters of an account that is about to change, when a chain is under way. */
export function saveAccount(memory: Memory, account: Account) {
  memory.undo?.saved.push({ account, before: { ...account } });
}

function undoPendings(memory: Memory, log: UndoLog) {
  for (const pending of memory.changes.closed.splice(log.closed)) {
    delete pending.resolution;
    memory.recent.remove(pending.id);
    memory.pendings.add(pending);
  }
  memory.changes.opened.length = log.opened;
}

function undoTransfers(memory: Memory, log: UndoLog) {
  for (const { id, kind } of memory.changes.transfers.splice(log.transfers)) {
    if (kind === TransferKinds.PENDING) memory.pendings.remove(id);
    else memory.recent.remove(id);
  }
}
