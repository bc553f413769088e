import { hexOf } from "#mesh/ids.ts";
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
  if (ledger.account(account.id) !== undefined) return true;
  if (ledger.accountsOf(hexOf(ownerId)).length === 0) return false;
  ledger.createAccounts([account], atUs);
  return true;
}
