/** What must hold of a balance after a transfer (EXT-1). */
export type Condition = {
  readonly side: "debit" | "credit";
  /** The ledger takes every account for a credit-normal one (ACC-4): see docs/ledger.md. */
  readonly field: "posted" | "available" | "incoming";
  readonly op: "gt" | "gte" | "eq" | "lte" | "lt";
  /** Minor units; less than zero where an account without a limit may be overdrawn. */
  readonly amountMinor: bigint;
};
