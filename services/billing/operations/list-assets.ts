import type { Billing } from "../context.ts";
import { type Asset, isMoney } from "../domain/asset.ts";

/** Lists all money that the ledger counts, in the order of the codes. */
export function listAssets({ assets }: Billing): readonly Asset[] {
  return assets.all.filter(isMoney);
}
