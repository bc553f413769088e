/** Where a payout stands. */
export type PayoutState = (typeof payoutStates)[number];

/** All states of a payout. */
export const payoutStates = [
  "PENDING",
  "SENDING",
  "SUCCEEDED",
  "FAILED",
  "UNKNOWN",
  "CANCELLED",
  "RETURNED",
] as const;

/** What a passing state goes through. */
export type PayoutStage = (typeof payoutStages)[number];

/** All stages of a payout. */
export const payoutStages = [
  "CHECKING",
  "APPROVAL",
  "QUEUED",
  "FUNDS",
  "SUBMITTING",
  "IN_TRANSIT",
] as const;

/** How an attempt at a provider stands. */
type AttemptState =
  | "CREATED"
  | "ACCEPTED"
  | "REJECTED"
  | "NOT_SENT"
  | "UNKNOWN"
  | "NOT_FOUND"
  | "SUCCEEDED"
  | "FAILED";

/** One attempt at one provider; a retry there is the same attempt with the same reference. */
export type Attempt = {
  /** Counts from 1. */
  readonly no: number;
  readonly provider: string;
  /** Our reference: 32 hex digits. */
  readonly ourRef: string;
  readonly state: AttemptState;
  readonly providerRef: string;
  readonly code: string;
  readonly text: string;
  /** Whether it was sent against the provider's limit of a day. */
  readonly isCounted: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
};

/** Money that a provider pays for us. */
export type Payout = {
  readonly id: string;
  readonly merchantId: string;
  /** The merchant's account on the ledger: 32 hex digits. */
  readonly accountId: string;
  readonly amountMinor: bigint;
  readonly asset: string;
  /** Empty when the provider knows the merchant by its account on the ledger. */
  readonly bankAccount: string;
  readonly state: PayoutState;
  /** That of PENDING and SENDING; undefined in other states. */
  readonly stage: PayoutStage | undefined;
  readonly version: number;
  readonly reason: string;
  readonly provider: string;
  readonly bankReference: string;
  readonly attempts: readonly Attempt[];
  readonly isContradicted: boolean;
  /** How often it was looked at in vain. */
  readonly tries: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
};

/** Whether nothing more is expected of a payout, but for what a bank sends back. */
export function hasEnded({ state }: Pick<Payout, "state">): boolean {
  return ended.has(state);
}

const ended = new Set<PayoutState>(["SUCCEEDED", "FAILED", "CANCELLED", "RETURNED"]);

/** The code of an attempt of which administrators have said how it ended. */
export const RESOLVED = "RESOLVED";

/** What an administrator has said of a payout. */
export type Opinion = {
  readonly payoutId: string;
  readonly personId: string;
  /** That of the payout which was seen: what is said of another one does not count. */
  readonly version: number;
  readonly opinion: "APPROVE" | "PAID" | "NOT_PAID";
  readonly bankReference: string;
  readonly reason: string;
};
