import { strict as assert } from "node:assert";
import { MAX_BATCH_EVENTS } from "#mesh/limits.ts";
import type { Account, AccountResult, Id, NewAccount } from "./account.ts";
import type { AccountPendings } from "./account-pendings.ts";
import { type Changes, takeChanges } from "./changes.ts";
import { createAccounts } from "./create-accounts.ts";
import { assertNumbers, createTransfers, tryTransfers } from "./create-transfers.ts";
import { expirePendings } from "./expire-pendings.ts";
import { findUnknownIds, isKnown, learn } from "./known-ids.ts";
import { createMemory, type LedgerState, type Memory, setTime } from "./memory.ts";
import { findTransfer } from "./find-transfer.ts";
import { revertTransfer } from "./revert-transfer.ts";
import type {
  BurnedId,
  NewRevert,
  NewTransfer,
  StoredTransfer,
  TransferResult,
} from "./transfer.ts";

/**
 * The double-entry ledger in memory: pure, synchronous and deterministic. Time comes in as
 * microseconds since 1970; what has to be stored comes out of takeChanges. It decides about ids of
 * the store only after `learn`: ask `unknownIds`, read those from the store, teach what was found,
 * and then create, with no more than one take in between (WR-3).
 */
export type Ledger = {
  readonly lastSeq: number;
  /** The time of the last row, in microseconds since 1970. */
  readonly lastAtUs: number;
  account(id: Id): Readonly<Account> | undefined;
  bySlot(slot: number): Readonly<Account> | undefined;
  /** The accounts whose user_data it is, oldest first. */
  accountsOf(userData: Id): readonly Readonly<Account>[];
  /** The oldest open pending transfers of an account, at most a limit of them, and how many. */
  openPendingsOf(slot: number, limit: number): AccountPendings;
  /** A transfer that memory knows; ask `unknownIds` and `learn` before. */
  transfer(id: Id): StoredTransfer | undefined;
  /** Whether an id is used, by a transfer or by a refusal that burned it; as far as memory knows. */
  isUsed(id: Id): boolean;
  /** The ids of transfers, and of those that they name, that memory can't decide about. */
  unknownIds(events: readonly Pick<NewTransfer, "id" | "pendingId">[]): Id[];
  /** Takes in what the store has of them. Pending rows say how they were resolved. */
  learn(rows: readonly StoredTransfer[], failed: readonly BurnedId[]): void;
  createAccounts(events: readonly NewAccount[], atUs: number): AccountResult[];
  /** Applies what is due (CHAIN-7), then the transfers; one result each. */
  createTransfers(events: readonly NewTransfer[], atUs: number): TransferResult[];
  /**
   * Tells what createTransfers would answer now, and leaves no trace of it (EXT-2). What is due by
   * then has expired all the same, as before any read.
   */
  dryRun(events: readonly NewTransfer[], atUs: number): TransferResult[];
  /** Applies what is due, then undoes a transfer by its mirror (EXT-3). */
  revert(revert: NewRevert, atUs: number): TransferResult;
  /** Ends the pending transfers that are due, at most a limit of them; returns how many. */
  expireDue(atUs: number, limit?: number): number;
  /** When the next pending transfer is due, if any ever is. */
  nextExpiryUs(): number | undefined;
  /** Hands over what the next commit has to store. */
  takeChanges(): Changes;
};

/** Makes the ledger of a shard from what the store holds. */
export function createLedger(state: LedgerState): Ledger {
  return ledgerOf(createMemory(state));
}

/** Makes the ledger whose memory it is from now on. */
export function ledgerOf(memory: Memory): Ledger {
  return {
    get lastSeq() {
      return memory.lastSeq;
    },
    get lastAtUs() {
      return memory.lastAtUs;
    },
    account: (id) => memory.accounts.find(id),
    bySlot: (slot) => memory.accounts.at(slot),
    accountsOf: (userData) => memory.accounts.ofOwner(userData),
    openPendingsOf: (slot, limit) => memory.pendings.ofAccount(slot, limit),
    transfer: (id) => findTransfer(memory, id),
    isUsed: (id) => isKnown(memory, id),
    unknownIds: (events) => findUnknownIds(memory, events),
    learn: (rows, failed) => learn(memory, rows, failed),
    createAccounts(events, atUs) {
      assert(events.length <= MAX_BATCH_EVENTS);
      return change(memory, atUs, () => createAccounts(memory, events));
    },
    createTransfers(events, atUs) {
      assertBatch(events);
      return changeAfterExpiries(memory, atUs, () => createTransfers(memory, events));
    },
    dryRun(events, atUs) {
      assertBatch(events);
      return changeAfterExpiries(memory, atUs, () => tryTransfers(memory, events));
    },
    revert: (revert, atUs) =>
      changeAfterExpiries(memory, atUs, () => revertTransfer(memory, revert)),
    expireDue: (atUs, limit) => change(memory, atUs, () => expirePendings(memory, limit)),
    nextExpiryUs: () => memory.pendings.first()?.expiresAtUs,
    takeChanges() {
      assertWhole(memory);
      return takeChanges(memory);
    },
  };
}

function assertBatch(events: readonly NewTransfer[]) {
  assert(events.length <= MAX_BATCH_EVENTS);
  for (const event of events) assertNumbers(event);
}

/** What is due at a time has happened before all else of that time (CHAIN-7). */
function changeAfterExpiries<Result>(memory: Memory, atUs: number, apply: () => Result): Result {
  return change(memory, atUs, () => {
    expirePendings(memory);
    return apply();
  });
}

/** Changes memory at a time; an error on the way leaves it half changed, and unusable (L21). */
function change<Result>(memory: Memory, atUs: number, apply: () => Result): Result {
  assertWhole(memory);
  setTime(memory, atUs);
  memory.isChanging = true;
  const result = apply();
  memory.isChanging = false;
  return result;
}

function assertWhole({ isChanging }: Memory) {
  assert(!isChanging, "a change was interrupted: the ledger has to be made anew");
}
