import type { BalanceField } from "./balance-field.ts";

/** What must hold of a balance after a transfer (EXT-1). */
export type Condition = {
  readonly side: "debit" | "credit";
  readonly field: BalanceField;
  readonly op: "gt" | "gte" | "eq" | "lte" | "lt";
  /** Minor units; less than zero where an account without a limit may be overdrawn. */
  readonly amountMinor: bigint;
};
