import type { CreditChangeKind } from "./credit-change.ts";
import type { MerchantState } from "./merchant.ts";

/** Whether a merchant in a state can get its first limit, or another one, or pay something back. */
export function mayChange(kind: CreditChangeKind, state: MerchantState): boolean {
  return states[kind].includes(state);
}

const states: Readonly<Record<CreditChangeKind, readonly MerchantState[]>> = {
  APPROVE: ["PENDING"],
  SET_LIMIT: ["ACTIVE", "SUSPENDED"],
  REPAY: ["PENDING", "ACTIVE", "REJECTED", "SUSPENDED"], // the ledger knows who owes something
};
