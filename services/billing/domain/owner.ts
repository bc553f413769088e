import { ZERO_ID } from "#mesh/ids.ts";
import type { NewAccount } from "./account.ts";
import type { Asset } from "./asset.ts";
import { availableAccount } from "./chart.ts";
import type { Ledger } from "./ledger.ts";

/**
 * Opens the account of an owner for an asset on its first use (ACC-9). False for an owner who has
 * no account at all: core opens the first one, so that one is unknown.
 */
export function openAvailable(
  ledger: Ledger,
  { ownerId, asset, atUs }: { ownerId: string; asset: Asset; atUs: number },
): boolean {
  const account = availableAccount(ownerId, asset);
  return account.userData !== ZERO_ID && openOnUse(ledger, account, atUs);
}

/** Opens an account on its first use, unless its owner is unknown; whether it is there. */
export function openOnUse(ledger: Ledger, account: NewAccount, atUs: number): boolean {
  const { id, userData } = account;
  if (ledger.account(id) !== undefined) return true;
  if (userData !== ZERO_ID && ledger.accountsOf(userData).length === 0) return false;
  ledger.createAccounts([account], atUs);
  return true;
}
