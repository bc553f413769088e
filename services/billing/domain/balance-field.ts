import type { Account } from "./account.ts";

/**
 * A balance of an account, as callers wish for it and monitors watch it. The ledger takes every
 * account for a credit-normal one (ACC-4), so that a balance of others is less than zero.
 */
export type BalanceField = "posted" | "available" | "incoming";

/** Reads a balance of an account, in minor units. */
export const balanceIn: Readonly<Record<BalanceField, (account: Readonly<Account>) => bigint>> = {
  posted: (account) => account.creditsPosted - account.debitsPosted,
  available: (account) => account.creditsPosted - account.debitsPosted - account.debitsPending,
  incoming: (account) => account.creditsPending,
};
