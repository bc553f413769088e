import { MAX_ID, ZERO_ID } from "#mesh/ids.ts";
import { MAX_AMOUNT } from "#mesh/money.ts";
import { type Account, AccountFlags } from "./account.ts";
import { type NewTransfer, type Sides, TransferFlags, type TransferStatus } from "./transfer.ts";

// The rules of section 5 for single and pending transfers. Each function answers with the first of
// its rules that is broken; their order here and the order of the calls is the precedence.

/** What is wrong with a single or pending transfer by itself: the statuses 18 to 30. */
export function findMalformed(event: NewTransfer): TransferStatus | undefined {
  const { debitAccountId, creditAccountId, flags } = event;
  if (debitAccountId === ZERO_ID) return "debit_account_id_must_not_be_zero";
  if (debitAccountId === MAX_ID) return "debit_account_id_must_not_be_max";
  if (creditAccountId === ZERO_ID) return "credit_account_id_must_not_be_zero";
  if (creditAccountId === MAX_ID) return "credit_account_id_must_not_be_max";
  if (debitAccountId === creditAccountId) return "accounts_must_be_different";
  if (event.pendingId !== ZERO_ID) return "pending_id_must_be_zero";
  if ((flags & TransferFlags.PENDING) === 0) {
    if (hasTimeout(event)) return "timeout_reserved_for_pending_transfer";
    if ((flags & closing) !== 0) return "closing_transfer_must_be_pending";
  }
  if (event.ledger === 0) return "ledger_must_not_be_zero";
  if (event.code === 0) return "code_must_not_be_zero";
  return undefined;
}

/** Whether the caller wants the transfer to end by itself. */
export function hasTimeout(event: NewTransfer): boolean {
  return event.timeoutSeconds !== 0 || event.expiresAtUs !== undefined;
}

const closing = TransferFlags.CLOSING_DEBIT | TransferFlags.CLOSING_CREDIT;

/** What does not fit the accounts: the statuses 33 and 34. */
export function findMismatch(event: NewTransfer, sides: Sides): TransferStatus | undefined {
  const { debit, credit } = sides;
  if (debit.ledger !== credit.ledger) return "accounts_must_have_the_same_ledger";
  if (event.ledger !== debit.ledger) return "transfer_must_have_the_same_ledger_as_accounts";
  return undefined;
}

/** Which account takes no transfer any more (ACC-8): the statuses 46 and 47. */
export function findClosed({ debit, credit }: Sides): TransferStatus | undefined {
  if ((debit.flags & AccountFlags.CLOSED) !== 0) return "debit_account_already_closed";
  if ((credit.flags & AccountFlags.CLOSED) !== 0) return "credit_account_already_closed";
  return undefined;
}

/** What a transfer moves: its amount, or as much of it as a balancing transfer finds. */
export function amountOf({ amount, flags }: NewTransfer, { debit, credit }: Sides): bigint {
  let most = amount;
  if ((flags & TransferFlags.BALANCING_DEBIT) !== 0) {
    most = least(most, debit.creditsPosted - debitsOf(debit));
  }
  if ((flags & TransferFlags.BALANCING_CREDIT) !== 0) {
    most = least(most, credit.debitsPosted - creditsOf(credit));
  }
  return most;
}

/** Which counter would pass 2^128 - 1: the statuses 48 to 53. */
export function findOverflow(
  isPending: boolean,
  amount: bigint,
  { debit, credit }: Sides,
): TransferStatus | undefined {
  const room = MAX_AMOUNT - amount;
  if (debitsOf(debit) <= room && creditsOf(credit) <= room) return undefined;
  if (isPending && debit.debitsPending > room) return "overflows_debits_pending";
  if (isPending && credit.creditsPending > room) return "overflows_credits_pending";
  if (debit.debitsPosted > room) return "overflows_debits_posted";
  if (credit.creditsPosted > room) return "overflows_credits_posted";
  return debitsOf(debit) > room ? "overflows_debits" : "overflows_credits";
}

/** Which limit would be passed (ACC-2, ACC-3): the statuses 55 and 56. */
export function findOverdraft(
  amount: bigint,
  { debit, credit }: Sides,
): TransferStatus | undefined {
  if (
    (debit.flags & AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS) !== 0 &&
    debitsOf(debit) + amount > debit.creditsPosted
  ) {
    return "exceeds_credits";
  }
  if (
    (credit.flags & AccountFlags.CREDITS_MUST_NOT_EXCEED_DEBITS) !== 0 &&
    creditsOf(credit) + amount > credit.debitsPosted
  ) {
    return "exceeds_debits";
  }
  return undefined;
}

function debitsOf(account: Account): bigint {
  return account.debitsPending + account.debitsPosted;
}

function creditsOf(account: Account): bigint {
  return account.creditsPending + account.creditsPosted;
}

function least(cap: bigint, available: bigint): bigint {
  if (available < 0n) return 0n;
  return available < cap ? available : cap;
}
