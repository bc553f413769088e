/** What payouts are checked against, in minor units; undefined is no limit. */
export type PayoutLimits = {
  readonly minMinor: bigint | undefined;
  readonly maxMinor: bigint | undefined;
  /** Of one merchant, within 24 hours and within 30 days. */
  readonly dayMinor: bigint | undefined;
  readonly monthMinor: bigint | undefined;
  /** From which amount on administrators have to let it go. */
  readonly approvalMinor: bigint | undefined;
};

/** The limits of payouts, and those of the providers. */
export type AllLimits = PayoutLimits & {
  /** The most that any provider may be sent on a day (PAY-10). */
  readonly bankMinor: bigint | undefined;
};

/** What is known about the merchant of a payout, when it is checked. */
export type Known = {
  /** Whether the account is past its cool-down. */
  readonly isUsable: boolean;
  /** What was paid to the merchant or may yet be, in minor units. */
  readonly dayMinor: bigint;
  readonly monthMinor: bigint;
};

/** How a payout leaves its checks: it goes on to a stage, or fails for a reason. */
export type Checked =
  | { readonly kind: "PASSED"; readonly stage: "QUEUED" | "APPROVAL" }
  | { readonly kind: "FAILED"; readonly reason: CheckReason };

/** Why a payout is not even tried. */
type CheckReason =
  | "BELOW_MINIMUM"
  | "ABOVE_MAXIMUM"
  | "ABOVE_BANK_LIMITS"
  | "ACCOUNT_COOLING_DOWN"
  | "DAILY_LIMIT"
  | "MONTHLY_LIMIT";

/** Checks a payout of more than zero in the order of PAY-7; the first that does not fit wins. */
export function checkPayout(amountMinor: bigint, limits: AllLimits, known: Known): Checked {
  const { minMinor, maxMinor, bankMinor, dayMinor, monthMinor, approvalMinor } = limits;
  if (minMinor !== undefined && amountMinor < minMinor) return failed("BELOW_MINIMUM");
  if (isOver(amountMinor, maxMinor)) return failed("ABOVE_MAXIMUM");
  if (isOver(amountMinor, bankMinor)) return failed("ABOVE_BANK_LIMITS"); // it would wait for ever
  if (!known.isUsable) return failed("ACCOUNT_COOLING_DOWN");
  if (isOver(known.dayMinor + amountMinor, dayMinor)) return failed("DAILY_LIMIT");
  if (isOver(known.monthMinor + amountMinor, monthMinor)) return failed("MONTHLY_LIMIT");
  const isLarge = approvalMinor !== undefined && amountMinor >= approvalMinor;
  return { kind: "PASSED", stage: isLarge ? "APPROVAL" : "QUEUED" };
}

function isOver(amountMinor: bigint, limitMinor: bigint | undefined): boolean {
  return limitMinor !== undefined && amountMinor > limitMinor;
}

function failed(reason: CheckReason): Checked {
  return { kind: "FAILED", reason };
}
