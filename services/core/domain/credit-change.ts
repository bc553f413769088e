/** A merchant's first limit, another one, or what it has paid back. */
export type CreditChangeKind = "APPROVE" | "SET_LIMIT" | "REPAY";

/** ASKED waits for a second administrator, AGREED for the ledger; the others are ends. */
export type CreditChangeState = "ASKED" | "AGREED" | "DONE" | "REFUSED";

/** A limit that administrators set, or a payment that they record (S10). */
export type CreditChange = {
  /** A UUID that follows from the request, so that a retry is the same change. */
  readonly id: string;
  readonly merchantId: string;
  readonly kind: CreditChangeKind;
  /** Minor units: the limit, or what was paid back. */
  readonly limitMinor: bigint;
  /** Why, or what the bank calls the payment. */
  readonly remark: string;
  /** The bank account that a payment came to; empty is the main one. */
  readonly bank: string;
  /** The key of the request, by which a second administrator confirms it. */
  readonly requestKey: string;
  readonly requestedBy: string;
  /** The second administrator; undefined where one is enough. */
  readonly approvedBy: string | undefined;
  readonly state: CreditChangeState;
  /** Why the ledger has refused it; undefined in every other state. */
  readonly refusal: Refusal | undefined;
};

/** A reason of ours and the values of its text. */
export type Refusal = {
  readonly reason: string;
  readonly values: Readonly<Record<string, string>>;
};
