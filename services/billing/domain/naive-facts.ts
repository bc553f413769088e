import { ZERO_ID } from "#mesh/ids.ts";
import { MAX_AMOUNT } from "#mesh/money.ts";
import type { Account, Id } from "./account.ts";
import { findAccount, type NaiveBook, resolutionOf } from "./naive-book.ts";
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
  return {
    event,
    old: old && { ...saidAgain(book, old), isExpiry: old.kind === TransferKinds.EXPIRE },
    isBurned: book.failed.some(({ id }) => id === request.id),
    isEnding,
    debit,
    credit,
    pending,
    resolution: first && resolutionOf(book, first),
    amount: amountOf(event, debit, credit),
    atUs,
  };
}

/** A stored transfer as a request. */
function saidAgain(book: NaiveBook, row: StoredTransfer): NewTransfer {
  const [debitAccountId, creditAccountId] = [row.debitSlot, row.creditSlot].map(
    (slot) => book.accounts[slot - 1]!.id,
  ) as [Id, Id];
  const { id, amount, pendingId, timeoutSeconds, ledger, code, flags, userData } = row;
  const accounts = { debitAccountId, creditAccountId };
  return { id, ...accounts, amount, pendingId, timeoutSeconds, ledger, code, flags, userData };
}

/** What the caller left out, as what it stands for. */
function fill(
  { expiresAtUs, ...event }: NewTransfer,
  pending: NewTransfer | undefined,
  atUs: number,
): NewTransfer {
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
