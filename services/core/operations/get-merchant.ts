import type { Merchant } from "../domain/merchant.ts";
import { fail } from "../errors.ts";
import { findMerchant } from "../store/merchants.ts";
import type { Queries } from "../store/tables.ts";

/** The merchant with an id. Throws MERCHANT_NOT_FOUND. */
export async function getMerchant(db: Queries, id: string): Promise<Merchant> {
  const merchant = await findMerchant(db, id);
  if (merchant === undefined) throw fail("MERCHANT_NOT_FOUND", { merchant_id: id });
  return merchant;
}
