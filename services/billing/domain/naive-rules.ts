import { MAX_ID, ZERO_ID } from "#mesh/ids.ts";
import { MAX_AMOUNT } from "#mesh/money.ts";
import { type Account, AccountFlags, type Id } from "./account.ts";
import type { Rule } from "./naive-account-rules.ts";
import { holds } from "./naive-conditions.ts";
import {
  type NewTransfer,
  type Resolution,
  type Sides,
  TransferFlags as Flag,
  type TransferStatus,
} from "./transfer.ts";

/** What the rules for transfers look at. What is absent breaks no rule that would look at it. */
export type TransferFacts = {
  /** The transfer, with all that a post or void leaves to its pending transfer filled in. */
  readonly event: NewTransfer;
  /** The transfer that has the id, as the one who made it would have to say it again. */
  readonly old: OldTransfer | undefined;
  readonly isBurned: boolean;
  /** A post or a void. */
  readonly isEnding: boolean;
  /** The accounts that are named, or those of the pending transfer. */
  readonly debit: Account | undefined;
  readonly credit: Account | undefined;
  /** The transfer that is to be resolved, and how it was resolved already. */
  readonly pending: NewTransfer | undefined;
  readonly resolution: Resolution | undefined;
  /** What would be moved. */
  readonly amount: bigint;
  readonly atUs: number;
  /** What the caller wants the accounts to be like before and after. */
  readonly wishes: Pick<
    NewTransfer,
    "conditions" | "expectedDebitVersion" | "expectedCreditVersion"
  >;
  /** The accounts as the transfer would leave them. */
  readonly after: Sides | undefined;
};

/** A stored transfer as a request, with what no request has. */
type OldTransfer = NewTransfer & {
  readonly isExpiry: boolean;
  readonly revertsId: Id | undefined;
};

/** The rules for transfers, in order. */
export const transferRules: readonly Rule<TransferStatus, TransferFacts>[] = [
  ["reserved_flag", ({ event }) => event.flags > 255],
  ["id_must_not_be_zero", ({ event }) => event.id === ZERO_ID],
  ["id_must_not_be_max", ({ event }) => event.id === MAX_ID],
  [
    "exists_with_different_flags",
    ({ event, old }) => differs(event, old, "flags") || !!old?.isExpiry,
  ],
  [
    "exists_with_different_pending_id",
    ({ event, old }) => differs(event, old, "pendingId") || !!old?.revertsId,
  ],
  ["exists_with_different_timeout", ({ event, old }) => differs(event, old, "timeoutSeconds")],
  [
    "exists_with_different_debit_account_id",
    ({ event, old }) => differs(event, old, "debitAccountId"),
  ],
  [
    "exists_with_different_credit_account_id",
    ({ event, old }) => differs(event, old, "creditAccountId"),
  ],
  ["exists_with_different_amount", hasOtherAmount],
  ["exists_with_different_user_data", ({ event, old }) => differs(event, old, "userData")],
  ["exists_with_different_ledger", ({ event, old }) => differs(event, old, "ledger")],
  ["exists_with_different_code", ({ event, old }) => differs(event, old, "code")],
  ["exists", ({ old }) => !!old],
  ["id_already_failed", ({ isBurned }) => isBurned],
  [
    "flags_are_mutually_exclusive",
    ending(({ event }) => ![4, 5, 8, 9].includes(event.flags % 256)),
  ],
  ["debit_account_id_must_not_be_zero", moving(({ event }) => event.debitAccountId === ZERO_ID)],
  ["debit_account_id_must_not_be_max", moving(({ event }) => event.debitAccountId === MAX_ID)],
  ["credit_account_id_must_not_be_zero", moving(({ event }) => event.creditAccountId === ZERO_ID)],
  ["credit_account_id_must_not_be_max", moving(({ event }) => event.creditAccountId === MAX_ID)],
  [
    "accounts_must_be_different",
    moving(({ event }) => event.debitAccountId === event.creditAccountId),
  ],
  ["pending_id_must_be_zero", moving(({ event }) => event.pendingId !== ZERO_ID)],
  ["pending_id_must_not_be_zero", ending(({ event }) => event.pendingId === ZERO_ID)],
  ["pending_id_must_not_be_max", ending(({ event }) => event.pendingId === MAX_ID)],
  ["pending_id_must_be_different", ending(({ event }) => event.pendingId === event.id)],
  [
    "timeout_reserved_for_pending_transfer",
    (it) => !hasFlag(it, Flag.PENDING) && it.event.timeoutSeconds !== 0,
  ],
  ["closing_transfer_must_be_pending", moving((it) => isClosing(it) && !hasFlag(it, Flag.PENDING))],
  ["ledger_must_not_be_zero", moving(({ event }) => event.ledger === 0)],
  ["code_must_not_be_zero", moving(({ event }) => event.code === 0)],
  ["debit_account_not_found", moving(({ debit }) => !debit)],
  ["credit_account_not_found", moving(({ credit }) => !credit)],
  [
    "accounts_must_have_the_same_ledger",
    ({ debit, credit }) => !!debit && !!credit && debit.ledger !== credit.ledger,
  ],
  [
    "transfer_must_have_the_same_ledger_as_accounts",
    moving(({ event, debit, credit }) => isElsewhere(event, debit) || isElsewhere(event, credit)),
  ],
  ["pending_transfer_not_found", ending(({ pending }) => !pending)],
  [
    "pending_transfer_not_pending",
    ending(({ pending }) => !!pending && (pending.flags & Flag.PENDING) === 0),
  ],
  [
    "pending_transfer_has_different_debit_account_id",
    ending(({ event, pending }) => differs(event, pending, "debitAccountId")),
  ],
  [
    "pending_transfer_has_different_credit_account_id",
    ending(({ event, pending }) => differs(event, pending, "creditAccountId")),
  ],
  [
    "pending_transfer_has_different_ledger",
    ending(({ event, pending }) => differs(event, pending, "ledger")),
  ],
  [
    "pending_transfer_has_different_code",
    ending(({ event, pending }) => differs(event, pending, "code")),
  ],
  [
    "exceeds_pending_transfer_amount",
    ending(({ event, pending }) => !!pending && event.amount > pending.amount),
  ],
  [
    "pending_transfer_has_different_amount",
    ending((it) => hasFlag(it, Flag.VOID_PENDING) && differs(it.event, it.pending, "amount")),
  ],
  ["pending_transfer_already_posted", ending(({ resolution }) => resolution === "posted")],
  ["pending_transfer_already_voided", ending(({ resolution }) => resolution === "voided")],
  ["pending_transfer_expired", ending(({ resolution }) => resolution === "expired")],
  ["debit_account_already_closed", (it) => isClosed(it.debit) && !hasFlag(it, Flag.VOID_PENDING)],
  ["credit_account_already_closed", (it) => isClosed(it.credit) && !hasFlag(it, Flag.VOID_PENDING)],
  [
    "overflows_debits_pending",
    holding(({ debit, amount }) => !!debit && debit.debitsPending + amount > MAX_AMOUNT),
  ],
  [
    "overflows_credits_pending",
    holding(({ credit, amount }) => !!credit && credit.creditsPending + amount > MAX_AMOUNT),
  ],
  [
    "overflows_debits_posted",
    moving(({ debit, amount }) => !!debit && debit.debitsPosted + amount > MAX_AMOUNT),
  ],
  [
    "overflows_credits_posted",
    moving(({ credit, amount }) => !!credit && credit.creditsPosted + amount > MAX_AMOUNT),
  ],
  [
    "overflows_debits",
    moving(({ debit, amount }) => !!debit && debitsOf(debit) + amount > MAX_AMOUNT),
  ],
  [
    "overflows_credits",
    moving(({ credit, amount }) => !!credit && creditsOf(credit) + amount > MAX_AMOUNT),
  ],
  [
    "overflows_timeout",
    holding(({ event, atUs }) => atUs + event.timeoutSeconds * 1e6 > Number.MAX_SAFE_INTEGER),
  ],
  [
    "exceeds_credits",
    moving(
      ({ debit, amount }) =>
        !!debit && (debit.flags & 2) !== 0 && debitsOf(debit) + amount > debit.creditsPosted,
    ),
  ],
  [
    "exceeds_debits",
    moving(
      ({ credit, amount }) =>
        !!credit && (credit.flags & 4) !== 0 && creditsOf(credit) + amount > credit.debitsPosted,
    ),
  ],
  [
    "version_mismatch",
    ({ wishes, debit, credit }) =>
      (wishes.expectedDebitVersion ?? debit?.version) !== debit?.version ||
      (wishes.expectedCreditVersion ?? credit?.version) !== credit?.version,
  ],
  [
    "condition_not_met",
    ({ wishes, after }) => !!after && !(wishes.conditions ?? []).every((one) => holds(one, after)),
  ],
];

type Predicate = (facts: TransferFacts) => boolean;

/** A rule that looks only at posts and voids. */
function ending(breaks: Predicate): Predicate {
  return (facts) => facts.isEnding && breaks(facts);
}

/** A rule that looks only at single and pending transfers. */
function moving(breaks: Predicate): Predicate {
  return (facts) => !facts.isEnding && breaks(facts);
}

/** A rule that looks only at pending transfers. */
function holding(breaks: Predicate): Predicate {
  return moving((facts) => hasFlag(facts, Flag.PENDING) && breaks(facts));
}

function differs(event: NewTransfer, other: NewTransfer | undefined, field: keyof NewTransfer) {
  return other !== undefined && event[field] !== other[field];
}

/** The amount of a balancing transfer is a cap: a copy may name any that is high enough. */
function hasOtherAmount({ event, old }: TransferFacts): boolean {
  if (old === undefined) return false;
  const isCap = (old.flags & (Flag.BALANCING_DEBIT | Flag.BALANCING_CREDIT)) !== 0;
  return isCap ? event.amount < old.amount : event.amount !== old.amount;
}

function hasFlag({ event }: TransferFacts, flag: number): boolean {
  return (event.flags & flag) !== 0;
}

function isClosing(facts: TransferFacts): boolean {
  return hasFlag(facts, Flag.CLOSING_DEBIT) || hasFlag(facts, Flag.CLOSING_CREDIT);
}

function isElsewhere(event: NewTransfer, account: Account | undefined): boolean {
  return account !== undefined && account.ledger !== event.ledger;
}

function isClosed(account: Account | undefined): boolean {
  return account !== undefined && (account.flags & AccountFlags.CLOSED) !== 0;
}

/** What an account has paid or holds to pay. */
export function debitsOf(account: Account): bigint {
  return account.debitsPending + account.debitsPosted;
}

/** What an account has got or awaits. */
export function creditsOf(account: Account): bigint {
  return account.creditsPending + account.creditsPosted;
}
