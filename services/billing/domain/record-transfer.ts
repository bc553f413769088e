import { AccountFlags, type Account } from "./account.ts";
import { type Memory, nextAtUs } from "./memory.ts";
import type { Balances, Sides, StoredTransfer, TransferResult } from "./transfer.ts";
import { saveAccount } from "./undo-log.ts";

/** What a transfer says of itself; its place, its time and the counters after it are added. */
export type TransferEntry = Pick<
  StoredTransfer,
  | "id"
  | "kind"
  | "code"
  | "flags"
  | "ledger"
  | "amount"
  | "pendingId"
  | "pendingAtUs"
  | "timeoutSeconds"
  | "userData"
> & {
  readonly reference: string | undefined;
  /** The transfer whose mirror it is (EXT-3). */
  readonly reverts: StoredTransfer | undefined;
};

/** Counts a change of an account (ACC-5). Call it before its counters change. */
export function touch(memory: Memory, account: Account) {
  if (memory.undo !== undefined) saveAccount(memory, account);
  account.version += 1;
  if (memory.touchedIn[account.slot] === memory.take) return;
  memory.touchedIn[account.slot] = memory.take;
  memory.changes.touched.push(account);
}

/** Closes or reopens an account (ACC-8). */
export function setClosed(account: Account, isClosed: boolean) {
  account.flags = isClosed
    ? account.flags | AccountFlags.CLOSED
    : account.flags & ~AccountFlags.CLOSED;
}

/** Writes the row of a transfer whose effect the accounts have had already (TRF-6). */
export function recordTransfer(memory: Memory, entry: TransferEntry, sides: Sides): StoredTransfer {
  const { debit, credit } = sides;
  memory.lastSeq += 1;
  memory.lastAtUs = nextAtUs(memory);
  const row: Writable<StoredTransfer> = {
    seq: memory.lastSeq,
    id: entry.id,
    kind: entry.kind,
    code: entry.code,
    flags: entry.flags,
    ledger: entry.ledger,
    debitSlot: debit.slot,
    creditSlot: credit.slot,
    amount: entry.amount,
    pendingId: entry.pendingId,
    pendingAtUs: entry.pendingAtUs,
    timeoutSeconds: entry.timeoutSeconds,
    userData: entry.userData,
    atUs: memory.lastAtUs,
    debitVersion: debit.version,
    debitPendingAfter: debit.debitsPending,
    debitPostedAfter: debit.debitsPosted,
    creditVersion: credit.version,
    creditPendingAfter: credit.creditsPending,
    creditPostedAfter: credit.creditsPosted,
  };
  if (entry.reference !== undefined) row.reference = entry.reference;
  if (entry.reverts !== undefined) {
    row.revertsId = entry.reverts.id;
    row.revertsAtUs = entry.reverts.atUs;
  }
  memory.changes.transfers.push(row);
  return row;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The answer to a transfer that was made just now. */
export function created(transfer: StoredTransfer, { debit, credit }: Sides): TransferResult {
  return { status: "created", transfer, debit: balancesOf(debit), credit: balancesOf(credit) };
}

function balancesOf(account: Account): Balances {
  const { debitsPending, debitsPosted, creditsPending, creditsPosted, version } = account;
  return { debitsPending, debitsPosted, creditsPending, creditsPosted, version };
}
