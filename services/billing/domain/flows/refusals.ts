import type { Refusals } from "../hold.ts";

/** The reasons of a transfer that takes from what an owner can spend. */
export const ownerRefusals: Refusals = {
  debit_account_not_found: "OWNER_NOT_FOUND",
  pending_transfer_not_found: "HOLD_ALREADY_RELEASED", // before it was made
  exceeds_credits: "INSUFFICIENT_FUNDS",
  overflows_timeout: "EXPIRE_TIME_OUT_OF_RANGE",
};
