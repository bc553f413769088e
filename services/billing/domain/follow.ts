import type { Account } from "./account.ts";
import { sidesOf } from "./find-transfer.ts";
import { type Memory, remember } from "./memory.ts";
import { setClosed } from "./record-transfer.ts";
import { type StoredTransfer, TransferFlags, TransferKinds } from "./transfer.ts";

/** What another writer has stored after what memory holds. */
export type Tail = {
  /** The accounts that were opened since, by slot; perhaps later ones than the transfers need. */
  readonly accounts: readonly OpenedAccount[];
  /** The transfers by seq, from the one after memory's last; not how they were resolved. */
  readonly transfers: readonly StoredTransfer[];
  /** The time up to which there are no other transfers, in microseconds since 1970. */
  readonly lastAtUs: number;
};

/** An account but for what its transfers have made of it. */
export type OpenedAccount = Pick<
  Account,
  "slot" | "id" | "ledger" | "code" | "userData" | "createdAtUs" | "flags"
>;

/**
 * Takes in what another writer has stored, so that memory becomes what a fresh load would make it.
 * Nothing of it is to be stored again, and ids stay with the store.
 */
export function follow(memory: Memory, { accounts, transfers, lastAtUs }: Tail) {
  for (const account of accounts) {
    remember(memory, asOpened(account));
    memory.lastSlot = account.slot;
  }
  for (const row of transfers) {
    setCounters(memory, row);
    if (row.kind === TransferKinds.PENDING) open(memory, row);
    else if (row.kind !== TransferKinds.SINGLE) close(memory, row);
    memory.lastSeq = row.seq;
  }
  memory.lastAtUs = lastAtUs;
  memory.nowUs = lastAtUs;
}

/** Its transfers make the rest of it, and bring it to whether it is closed. */
function asOpened(account: OpenedAccount): Account {
  const counters = { debitsPending: 0n, debitsPosted: 0n, creditsPending: 0n, creditsPosted: 0n };
  return { ...account, ...counters, version: 0 };
}

function setCounters(memory: Memory, row: StoredTransfer) {
  const { debit, credit } = sidesOf(memory, row);
  debit.debitsPending = row.debitPendingAfter;
  debit.debitsPosted = row.debitPostedAfter;
  debit.version = row.debitVersion;
  credit.creditsPending = row.creditPendingAfter;
  credit.creditsPosted = row.creditPostedAfter;
  credit.version = row.creditVersion;
}

function open(memory: Memory, row: StoredTransfer) {
  memory.pendings.add(row);
  setClosedBy(memory, row, true);
}

function close(memory: Memory, { pendingId }: StoredTransfer) {
  const pending = memory.pendings.find(pendingId)!;
  memory.pendings.remove(pendingId);
  setClosedBy(memory, pending, false);
}

function setClosedBy(memory: Memory, pending: StoredTransfer, isClosed: boolean) {
  const { debit, credit } = sidesOf(memory, pending);
  if ((pending.flags & TransferFlags.CLOSING_DEBIT) !== 0) setClosed(debit, isClosed);
  if ((pending.flags & TransferFlags.CLOSING_CREDIT) !== 0) setClosed(credit, isClosed);
}
