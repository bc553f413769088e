import { ZERO_ID } from "#mesh/ids.ts";
import { MAX_AMOUNT } from "#mesh/money.ts";
import type { Account, Id } from "./account.ts";
import { findAccount, type NaiveBook, resolutionOf } from "./naive-book.ts";
import { write } from "./naive-write.ts";
import { creditsOf, debitsOf, type TransferFacts } from "./naive-rules.ts";
import {
  type NewTransfer,
  type StoredTransfer,
  TransferFlags as Flag,
  TransferKinds,
} from "./transfer.ts";

/** Gathers what the rules look at, for a transfer that would have a time. */
export function factsOf(book: NaiveBook, request: NewTransfer, atUs: number): TransferFacts {
  const old = book.rows.find(({ id }) => id === request.id);
  const isEnding = (request.flags & (Flag.POST_PENDING | Flag.VOID_PENDING)) !== 0;
  const first = isEnding ? book.rows.find(({ id }) => id === request.pendingId) : undefined;
  const pending = first && saidAgain(book, first);
  const event = fill(request, pending, old?.atUs ?? atUs);
  const named = isEnding ? pending : event;
  const debit = named && findAccount(book, named.debitAccountId);
  const credit = named && findAccount(book, named.creditAccountId);
  const amount = amountOf(event, debit, credit);
  return {
    event,
    old: old && asOld(book, old),
    isBurned: book.failed.some(({ id }) => id === request.id),
    isEnding,
    debit,
    credit,
    pending,
    resolution: first && resolutionOf(book, first),
    amount,
    atUs,
    wishes: request,
    after:
      named && request.conditions && after(book, { ...event, ...sidesOf(named), amount }, atUs),
  };
}

/** The kind of row that a request becomes. */
export function kindOf({ flags }: NewTransfer): number {
  if ((flags & Flag.POST_PENDING) !== 0) return TransferKinds.POST;
  if ((flags & Flag.VOID_PENDING) !== 0) return TransferKinds.VOID;
  return (flags & Flag.PENDING) === 0 ? TransferKinds.SINGLE : TransferKinds.PENDING;
}

/** The accounts in a book to which the transfer has been added, if it can be. */
function after(book: NaiveBook, event: NewTransfer, atUs: number): TransferFacts["after"] {
  const ids = [event.debitAccountId, event.creditAccountId];
  if (ids.some((id) => findAccount(book, id) === undefined)) return undefined;
  const next = write(book, event, kindOf(event), atUs);
  const [debit, credit] = ids.map((id) => findAccount(next, id)!) as [Account, Account];
  return { debit, credit };
}

function sidesOf({ debitAccountId, creditAccountId }: NewTransfer) {
  return { debitAccountId, creditAccountId };
}

/** A stored transfer as the one who made it would have to say it again. */
export function asOld(book: NaiveBook, row: StoredTransfer): NonNullable<TransferFacts["old"]> {
  const isExpiry = row.kind === TransferKinds.EXPIRE;
  return { ...saidAgain(book, row), isExpiry, revertsId: row.revertsId };
}

/** A stored transfer as a request. */
export function saidAgain(book: NaiveBook, row: StoredTransfer): NewTransfer {
  const [debitAccountId, creditAccountId] = [row.debitSlot, row.creditSlot].map(
    (slot) => book.accounts[slot - 1]!.id,
  ) as [Id, Id];
  const { id, amount, pendingId, timeoutSeconds, ledger, code, flags, userData } = row;
  const accounts = { debitAccountId, creditAccountId };
  return { id, ...accounts, amount, pendingId, timeoutSeconds, ledger, code, flags, userData };
}

/** What the caller left out, as what it stands for. */
function fill(
  { expiresAtUs, ...request }: NewTransfer,
  pending: NewTransfer | undefined,
  atUs: number,
): NewTransfer {
  const event = withoutWishes(request);
  const wishedSeconds = Math.ceil(((expiresAtUs ?? 0) - atUs) / 1e6);
  const timeoutSeconds =
    expiresAtUs === undefined ? event.timeoutSeconds : Math.max(wishedSeconds, 1);
  if (pending === undefined) return { ...event, timeoutSeconds };
  const all = (event.flags & Flag.VOID_PENDING) === 0 ? MAX_AMOUNT : 0n;
  return {
    ...event,
    timeoutSeconds,
    amount: event.amount === all ? pending.amount : event.amount,
    debitAccountId: or(event.debitAccountId, ZERO_ID, pending.debitAccountId),
    creditAccountId: or(event.creditAccountId, ZERO_ID, pending.creditAccountId),
    userData: or(event.userData, ZERO_ID, pending.userData),
    ledger: or(event.ledger, 0, pending.ledger),
    code: or(event.code, 0, pending.code),
  };
}

/** What a transfer says of itself, and a retry has to say again. */
function withoutWishes(request: NewTransfer): NewTransfer {
  const event = { ...request };
  delete event.conditions;
  delete event.expectedDebitVersion;
  delete event.expectedCreditVersion;
  return event;
}

function or<T>(value: T, none: T, instead: T): T {
  return value === none ? instead : value;
}

function amountOf(
  { amount, flags }: NewTransfer,
  debit: Account | undefined,
  credit: Account | undefined,
): bigint {
  const caps = [amount];
  if ((flags & Flag.BALANCING_DEBIT) !== 0 && debit !== undefined) {
    caps.push(debit.creditsPosted - debitsOf(debit));
  }
  if ((flags & Flag.BALANCING_CREDIT) !== 0 && credit !== undefined) {
    caps.push(credit.debitsPosted - creditsOf(credit));
  }
  const least = caps.reduce((one, other) => (one < other ? one : other));
  return least < 0n ? 0n : least;
}
