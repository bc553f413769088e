/** Whether a merchant may withdraw; only an ACTIVE one may. */
export type MerchantState = "PENDING" | "ACTIVE" | "REJECTED" | "SUSPENDED";

/** Somebody who withdraws against credit: a user with the role MERCHANT, under the user's id. */
export type Merchant = {
  readonly id: string;
  readonly username: string;
  readonly state: MerchantState;
  /** What it has asked for, in minor units. */
  readonly requestedCreditMinor: bigint;
  /** What it was given last, in minor units; undefined before the first limit. */
  readonly creditLimitMinor: bigint | undefined;
  /** Where its withdrawals go; empty when the bank knows it by its account on the ledger. */
  readonly bankAccount: string;
  /** Why it was rejected or suspended; empty otherwise. */
  readonly reason: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
};
