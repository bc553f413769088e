import type { Assets } from "../domain/asset.ts";
import { availableAccount, inOrdersAccount } from "../domain/chart.ts";
import { fail } from "../errors.ts";
import type { Own } from "../store/own-slots.ts";

/** An owner's asset, by its code. */
export type OwnAsset = { readonly ownerId: string; readonly asset: string };

/** Names an owner's two accounts of an asset, by its code. Throws UNKNOWN_ASSET. */
export function ownAccounts(assets: Assets, { ownerId, asset: code }: OwnAsset): Own {
  const asset = assets.byCode(code);
  if (asset === undefined) throw fail("UNKNOWN_ASSET", { asset: code });
  const available = availableAccount(ownerId, asset).id;
  return { ownerId, ledger: asset.ledger, available, inOrders: inOrdersAccount(ownerId, asset).id };
}
