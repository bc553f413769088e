/** A 128-bit id, as 32 lower-case hex digits. */
export type Id = string;

/** What an account insists on (ACC-2); the wire has the same bits. */
export const AccountFlags = {
  LINKED: 1,
  DEBITS_MUST_NOT_EXCEED_CREDITS: 2,
  CREDITS_MUST_NOT_EXCEED_DEBITS: 4,
  CLOSED: 8,
} as const;

/**
 * An account in the memory of the writer. Its counters only change by transfers (ACC-1, ACC-5).
 * Amounts are minor units, 0 to 2^128 - 1.
 */
export type Account = {
  /** The place in the table of accounts, from 1; transfers refer to it. */
  readonly slot: number;
  readonly id: Id;
  readonly ledger: number;
  readonly code: number;
  readonly userData: Id;
  /** Microseconds since 1970, database time. */
  readonly createdAtUs: number;
  flags: number;
  debitsPending: bigint;
  debitsPosted: bigint;
  creditsPending: bigint;
  creditsPosted: bigint;
  version: number;
};

/** An account to open. */
export type NewAccount = {
  readonly id: Id;
  readonly ledger: number;
  readonly code: number;
  readonly flags: number;
  readonly userData: Id;
};

/** What can become of a new account, in order of precedence. */
export const accountStatuses = [
  "linked_event_failed",
  "linked_event_chain_open",
  "reserved_flag",
  "id_must_not_be_zero",
  "id_must_not_be_max",
  "exists_with_different_flags",
  "exists_with_different_user_data",
  "exists_with_different_ledger",
  "exists_with_different_code",
  "exists",
  "flags_are_mutually_exclusive",
  "ledger_must_not_be_zero",
  "ledger_not_found",
  "code_must_not_be_zero",
  "created",
] as const;

/** What became of a new account. */
export type AccountStatus = (typeof accountStatuses)[number];

/** The answer to a new account. */
export type AccountResult = {
  readonly status: AccountStatus;
  /** The account, when it was created or exists. */
  readonly account?: Account;
};
