import { derivedId, ZERO_ID } from "#mesh/ids.ts";
import type { Id } from "./account.ts";
import { findAccount, type NaiveBook, openPendingsOf } from "./naive-book.ts";
import {
  type Balances,
  type NewTransfer,
  type StoredTransfer,
  TransferKinds,
  type TransferResult,
} from "./transfer.ts";

/** What a row is made from. */
type Content = Omit<NewTransfer, "conditions"> & Pick<StoredTransfer, "revertsId" | "revertsAtUs">;

/** Adds a row, and tells in it the counters that all rows with it add up to. */
export function write(book: NaiveBook, event: Content, kind: number, atUs: number): NaiveBook {
  const { debitAccountId, creditAccountId, ...rest } = event;
  const debitSlot = book.accounts.find(({ id }) => id === debitAccountId)!.slot;
  const creditSlot = book.accounts.find(({ id }) => id === creditAccountId)!.slot;
  const pending =
    event.pendingId === ZERO_ID ? undefined : book.rows.find(({ id }) => id === event.pendingId);
  const pendingAtUs = pending?.atUs ?? 0;
  const seq = book.rows.length + 1;
  const row = { ...rest, seq, kind, debitSlot, creditSlot, pendingAtUs, atUs, ...noCounters };
  const after = { ...book, rows: [...book.rows, row], lastAtUs: atUs };
  const debit = balances(after, debitSlot);
  const credit = balances(after, creditSlot);
  const counters = {
    debitVersion: debit.version,
    debitPendingAfter: debit.debitsPending,
    debitPostedAfter: debit.debitsPosted,
    creditVersion: credit.version,
    creditPendingAfter: credit.creditsPending,
    creditPostedAfter: credit.creditsPosted,
  };
  return { ...after, rows: [...book.rows, { ...row, ...counters }] };
}

const noCounters = {
  debitVersion: 0,
  debitPendingAfter: 0n,
  debitPostedAfter: 0n,
  creditVersion: 0,
  creditPendingAfter: 0n,
  creditPostedAfter: 0n,
};

/** The answer to the transfer that was written last. */
export function madeLast(book: NaiveBook): TransferResult {
  const transfer = book.rows.at(-1)!;
  const [debit, credit] = [transfer.debitSlot, transfer.creditSlot].map((slot) =>
    balances(book, slot),
  ) as [Balances, Balances];
  return { status: "created", transfer, debit, credit };
}

/** The counters of an account by slot. */
function balances(book: NaiveBook, slot: number): Balances {
  const account = findAccount(book, book.accounts[slot - 1]!.id)!;
  const { debitsPending, debitsPosted, creditsPending, creditsPosted, version } = account;
  return { debitsPending, debitsPosted, creditsPending, creditsPosted, version };
}

/** Writes the expiries that are due, the earliest first, of two the older one. */
export function expire(book: NaiveBook, nowUs: number): NaiveBook {
  const due = openPendingsOf(book)
    .filter(({ timeoutSeconds }) => timeoutSeconds > 0)
    .map((row) => ({ row, endUs: row.atUs + row.timeoutSeconds * 1e6 }))
    .filter(({ endUs }) => endUs <= nowUs)
    .toSorted((one, other) => one.endUs - other.endUs || one.row.seq - other.row.seq);
  return due.reduce((now, { row }) => {
    const [debitAccountId, creditAccountId] = [row.debitSlot, row.creditSlot].map(
      (slot) => now.accounts[slot - 1]!.id,
    ) as [Id, Id];
    const { amount, ledger, code, userData, id: pendingId } = row;
    const id = derivedId(`transfer/expire/${pendingId}`);
    const sides = { debitAccountId, creditAccountId };
    const expiry = { id, ...sides, amount, pendingId, timeoutSeconds: 0, ledger, code, userData };
    const atUs = Math.max(nowUs, now.lastAtUs + 1);
    return write(now, { ...expiry, flags: 0 }, TransferKinds.EXPIRE, atUs);
  }, book);
}
