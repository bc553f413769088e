/** Where a withdrawal stands; the last four are ends, and only SUCCEEDED is left again. */
export type WithdrawalState =
  | "REQUESTED"
  | "HELD"
  | "SETTLING"
  | "SUCCEEDED"
  | "FAILED"
  | "CANCELLED"
  | "RETURNED";

/** Where the payout of a withdrawal stands at settlement. */
export type PayoutState =
  | "PENDING"
  | "SENDING"
  | "SUCCEEDED"
  | "FAILED"
  | "UNKNOWN"
  | "CANCELLED"
  | "RETURNED";

/** One attempt to pay it, as settlement tells of it. */
export type Attempt = {
  readonly number: number;
  readonly provider: string;
  readonly state: string;
  readonly code: string;
  readonly createdAtMs: number;
};

/** What settlement says of a payout. */
export type PayoutNews = {
  readonly id: string;
  readonly state: PayoutState;
  /** Grows with every change there. */
  readonly version: number;
  readonly reason: string;
  readonly provider: string;
  readonly bankReference: string;
  readonly attempts: readonly Attempt[];
};

/** A withdrawal of a merchant. Its id is that of its hold and of its payout, too. */
export type Withdrawal = {
  readonly id: string;
  readonly merchantId: string;
  /** In minor units, as the fee. */
  readonly amount: bigint;
  readonly fee: bigint;
  /** Where it goes; empty when the provider knows the merchant. */
  readonly bankAccount: string;
  readonly state: WithdrawalState;
  readonly reason: string;
  readonly provider: string;
  readonly bankReference: string;
  readonly attempts: readonly Attempt[];
  /** What settlement has said last; undefined before it has said anything. */
  readonly payoutState: PayoutState | undefined;
  readonly payoutVersion: number;
  /** Grows with every change that its merchant can see. */
  readonly version: number;
  /** How often it was taken up again since something has changed. */
  readonly tries: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
};

/** What is to be done next for a withdrawal. */
export type Step = "HOLD" | "PAY" | "CAPTURE" | "RELEASE" | "REFUND" | "NONE";

/**
 * The next step of a withdrawal. Credit and pool are held before anybody is paid; they are taken or
 * freed only once settlement says for good what became of the payout (HOLD-1, PAY-5).
 */
export function nextStep({ state, payoutState }: Known): Step {
  switch (state) {
    case "REQUESTED":
      return "HOLD";
    case "HELD":
      return "PAY";
    case "SETTLING":
      return whenSettling(payoutState);
    case "SUCCEEDED":
      return payoutState === "RETURNED" ? "REFUND" : "NONE";
    default:
      return "NONE";
  }
}

type Known = Pick<Withdrawal, "state" | "payoutState">;

function whenSettling(payoutState: PayoutState | undefined): Step {
  if (isUnpaid(payoutState)) return "RELEASE";
  const wasPaid = payoutState === "SUCCEEDED" || payoutState === "RETURNED";
  return wasPaid ? "CAPTURE" : "PAY";
}

/** Whether nothing is left to do for it as far as is known. */
export function hasEnded({ state }: Pick<Withdrawal, "state">): boolean {
  return ends.has(state);
}

const ends: ReadonlySet<WithdrawalState> = new Set([
  "SUCCEEDED",
  "FAILED",
  "CANCELLED",
  "RETURNED",
]);

/** Why the ledger may refuse a hold for good, as the merchant is told. */
export type HoldRefusal = "INSUFFICIENT_CREDIT" | "POOL_EXHAUSTED";

/** Credit and pool are reserved. */
export function held(one: Withdrawal): Withdrawal {
  return one.state === "REQUESTED" ? { ...one, state: "HELD" } : one;
}

/** The ledger has refused the hold, so that nothing was moved. */
export function refused(one: Withdrawal, reason: HoldRefusal): Withdrawal {
  return one.state === "REQUESTED" ? { ...one, state: "FAILED", reason } : one;
}

/** Why the ledger has refused it; undefined when it was not the ledger, or nobody. */
export function refusalOf({ state, reason, payoutState }: Withdrawal): HoldRefusal | undefined {
  if (state !== "FAILED" || payoutState !== undefined) return undefined;
  return reason as HoldRefusal;
}

/** Settlement has told of the payout; what is older than what is known changes nothing. */
export function heard(one: Withdrawal, news: PayoutNews): Withdrawal {
  if (nextStep(one) !== "PAY" || !isNewer(one, news)) return one;
  const { state: payoutState, version: payoutVersion, provider, bankReference, attempts } = news;
  const reason = isUnpaid(payoutState) ? news.reason : ""; // what it waits for is no failure
  const known = { payoutState, payoutVersion, provider, bankReference, attempts };
  return { ...one, ...known, state: "SETTLING", reason };
}

function isNewer(one: Withdrawal, { version }: PayoutNews): boolean {
  const { state, payoutState, payoutVersion } = one;
  if (payoutState === undefined || version > payoutVersion) return true;
  // It was only noted so far: that the money came back while nothing of this was written down.
  return state === "HELD" && version === payoutVersion;
}

/** Whether nobody was paid, and nobody will be. */
function isUnpaid(state: PayoutState | undefined): boolean {
  return state === "FAILED" || state === "CANCELLED";
}

/** The ledger has booked what a step wanted of it. */
export function booked(one: Withdrawal): Withdrawal {
  switch (nextStep(one)) {
    case "CAPTURE":
      return { ...one, state: "SUCCEEDED" };
    case "RELEASE":
      return { ...one, state: one.payoutState === "CANCELLED" ? "CANCELLED" : "FAILED" };
    case "REFUND":
      return { ...one, state: "RETURNED" };
    default:
      return one;
  }
}

/** The states that a row may have for the state of a withdrawal to be written over it. */
export function statesBefore(state: WithdrawalState): readonly WithdrawalState[] {
  return before[state];
}

const open = ["REQUESTED", "HELD", "SETTLING"] as const;

const before: Readonly<Record<WithdrawalState, readonly WithdrawalState[]>> = {
  REQUESTED: [],
  HELD: ["REQUESTED"],
  SETTLING: open, // what was heard before too, when the news are newer
  SUCCEEDED: open,
  FAILED: open,
  CANCELLED: open,
  RETURNED: ["SUCCEEDED"],
};
