import type { Account, Id } from "./account.ts";
import type { Condition } from "./condition.ts";

/** How a transfer behaves (section 3); the wire has the same bits. */
export const TransferFlags = {
  LINKED: 1,
  PENDING: 2,
  POST_PENDING: 4,
  VOID_PENDING: 8,
  BALANCING_DEBIT: 16,
  BALANCING_CREDIT: 32,
  CLOSING_DEBIT: 64,
  CLOSING_CREDIT: 128,
} as const;

/** What a stored transfer did; the numbers are those of the wire and of the table. */
export const TransferKinds = { SINGLE: 1, PENDING: 2, POST: 3, VOID: 4, EXPIRE: 5 } as const;

/** A transfer to make. Amounts are minor units; MAX_AMOUNT stands for "all" (TRF-1). */
export type NewTransfer = {
  readonly id: Id;
  readonly debitAccountId: Id;
  readonly creditAccountId: Id;
  readonly amount: bigint;
  readonly pendingId: Id;
  readonly timeoutSeconds: number;
  readonly ledger: number;
  readonly code: number;
  readonly flags: number;
  readonly userData: Id;
  /**
   * Instead of a timeout, the moment at which a pending transfer ends, in microseconds since 1970.
   * It becomes the whole seconds from the transfer's own time, rounded up; a retry counts from the
   * time of the first attempt, so that it is the same transfer.
   */
  readonly expiresAtUs?: number;
  /** What a statement shows; stored beside the transfer, not compared on a retry. */
  readonly reference?: string;
  /** What must hold of the balances that the transfer would leave; not stored or compared (EXT-1). */
  readonly conditions?: readonly Condition[];
  /** The version that an account must have before the transfer; not stored or compared (EXT-1). */
  readonly expectedDebitVersion?: number;
  readonly expectedCreditVersion?: number;
};

/** A transfer to undo by its mirror (EXT-3). */
export type NewRevert = {
  /** The id of the mirror. */
  readonly id: Id;
  readonly originalId: Id;
  /** What a statement shows; stored beside the mirror, not compared on a retry. */
  readonly reference?: string;
};

/** How a pending transfer ended. */
export type Resolution = "posted" | "voided" | "expired";

/** A transfer as it is stored, with the counters of its accounts after it (TRF-7, L17). */
export type StoredTransfer = {
  /** The place in the order of the shard, from 1, without gaps (TRF-6). */
  readonly seq: number;
  readonly id: Id;
  readonly kind: number;
  readonly code: number;
  readonly flags: number;
  readonly ledger: number;
  readonly debitSlot: number;
  readonly creditSlot: number;
  readonly amount: bigint;
  /** The pending transfer that this one resolves; ZERO_ID and 0 for others. */
  readonly pendingId: Id;
  readonly pendingAtUs: number;
  readonly timeoutSeconds: number;
  readonly userData: Id;
  /** Microseconds since 1970, database time, strictly growing. */
  readonly atUs: number;
  readonly debitVersion: number;
  readonly debitPendingAfter: bigint;
  readonly debitPostedAfter: bigint;
  readonly creditVersion: number;
  readonly creditPendingAfter: bigint;
  readonly creditPostedAfter: bigint;
  readonly reference?: string;
  /** The transfer whose mirror this one is, and its time; absent for others (EXT-3). */
  readonly revertsId?: Id;
  readonly revertsAtUs?: number;
  /** The time of the mirror that has reverted this transfer; absent while there is none (EXT-3). */
  revertedAtUs?: number;
  /** How this pending transfer ended; absent while it is open and for other kinds. */
  resolution?: Resolution;
  /** How much of this capture was given back by refunds; absent while it is nothing (FLOW-5). */
  refunded?: bigint;
};

/** An id that a refusal burned: no transfer will ever have it (IDEM-3). */
export type BurnedId = { readonly id: Id; readonly status: TransferStatus };

/** The row of a burned id. */
export type FailedTransfer = BurnedId & {
  /** The time of its batch, in microseconds since 1970. */
  readonly atUs: number;
};

/** The two accounts of a transfer. */
export type Sides = { readonly debit: Account; readonly credit: Account };

/** What can become of a new transfer, in order of precedence (section 5). */
export const transferStatuses = [
  "linked_event_failed",
  "linked_event_chain_open",
  "reserved_flag",
  "id_must_not_be_zero",
  "id_must_not_be_max",
  "exists_with_different_flags",
  "exists_with_different_pending_id",
  "exists_with_different_timeout",
  "exists_with_different_debit_account_id",
  "exists_with_different_credit_account_id",
  "exists_with_different_amount",
  "exists_with_different_user_data",
  "exists_with_different_ledger",
  "exists_with_different_code",
  "exists",
  "id_already_failed",
  "flags_are_mutually_exclusive",
  "debit_account_id_must_not_be_zero",
  "debit_account_id_must_not_be_max",
  "credit_account_id_must_not_be_zero",
  "credit_account_id_must_not_be_max",
  "accounts_must_be_different",
  "pending_id_must_be_zero",
  "pending_id_must_not_be_zero",
  "pending_id_must_not_be_max",
  "pending_id_must_be_different",
  "timeout_reserved_for_pending_transfer",
  "closing_transfer_must_be_pending",
  "ledger_must_not_be_zero",
  "code_must_not_be_zero",
  "debit_account_not_found",
  "credit_account_not_found",
  "accounts_must_have_the_same_ledger",
  "transfer_must_have_the_same_ledger_as_accounts",
  "pending_transfer_not_found",
  "pending_transfer_not_pending",
  "pending_transfer_has_different_debit_account_id",
  "pending_transfer_has_different_credit_account_id",
  "pending_transfer_has_different_ledger",
  "pending_transfer_has_different_code",
  "exceeds_pending_transfer_amount",
  "pending_transfer_has_different_amount",
  "pending_transfer_already_posted",
  "pending_transfer_already_voided",
  "pending_transfer_expired",
  "debit_account_already_closed",
  "credit_account_already_closed",
  "overflows_debits_pending",
  "overflows_credits_pending",
  "overflows_debits_posted",
  "overflows_credits_posted",
  "overflows_debits",
  "overflows_credits",
  "overflows_timeout",
  "exceeds_credits",
  "exceeds_debits",
  "version_mismatch",
  "condition_not_met",
  "created",
] as const;

/** What else can become of a revert, in order of precedence: after id_already_failed (EXT-3). */
export const revertStatuses = [
  "original_not_found",
  "original_not_revertible",
  "already_reverted",
] as const;

/** What became of a new transfer, or of a revert. */
export type TransferStatus = (typeof transferStatuses | typeof revertStatuses)[number];

/** The counters of an account after a transfer. */
export type Balances = Readonly<
  Pick<Account, "debitsPending" | "debitsPosted" | "creditsPending" | "creditsPosted" | "version">
>;

/** The answer to a new transfer (TRF-7). */
export type TransferResult = {
  readonly status: TransferStatus;
  /** The transfer as it is stored, when it was created or exists. */
  readonly transfer?: StoredTransfer;
  /** The debit account after the transfer, when it was created. */
  readonly debit?: Balances;
  /** The credit account after the transfer, when it was created. */
  readonly credit?: Balances;
  /** The refusal that burned the id, when it is id_already_failed. */
  readonly failedWith?: TransferStatus;
};

/** The statuses that depend on the state, which burn the id for ever (IDEM-3). */
export const transientStatuses: ReadonlySet<TransferStatus> = new Set([
  "debit_account_not_found",
  "credit_account_not_found",
  "pending_transfer_not_found",
  "debit_account_already_closed",
  "credit_account_already_closed",
  "exceeds_credits",
  "exceeds_debits",
  "version_mismatch",
  "condition_not_met",
  "original_not_found",
]);
