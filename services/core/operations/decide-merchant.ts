import { newId } from "#mesh/ids.ts";
import type { Merchant, MerchantState } from "../domain/merchant.ts";
import type { NotificationType } from "../domain/notification.ts";
import { tell } from "../events.ts";
import { fail } from "../errors.ts";
import { lockMerchant, updateMerchant } from "../store/merchants.ts";
import type { Queries } from "../store/tables.ts";
import { checkNoOpenChange } from "./change-credit.ts";

/** What an administrator decides about a merchant in a state. */
export type MerchantDecision = {
  readonly merchantId: string;
  readonly from: MerchantState;
  readonly to: MerchantState;
  /** Why; the merchant is told. */
  readonly reason: string;
  readonly type: NotificationType;
  readonly decidedBy: string;
};

/**
 * Moves a merchant to another state and tells the merchant. Throws MERCHANT_NOT_FOUND,
 * MERCHANT_STATE_DIFFERS for one in another state, and OVERLOADED while its limit is being changed.
 */
export async function decideMerchant(
  tx: Queries,
  { merchantId, from, to, reason, type, decidedBy }: MerchantDecision,
): Promise<Merchant> {
  const found = await lockMerchant(tx, merchantId);
  if (found === undefined) throw fail("MERCHANT_NOT_FOUND", { merchant_id: merchantId });
  await checkNoOpenChange(tx, merchantId);
  const { state } = found;
  if (state !== from) throw fail("MERCHANT_STATE_DIFFERS", { merchant_id: merchantId, state });
  const merchant = (await updateMerchant(tx, merchantId, { state: to, reason, decidedBy }))!;
  const { updatedAtMs: createdAtMs } = merchant;
  const told = { id: newId(), personId: merchantId, type, values: { reason }, createdAtMs };
  await tell(tx, [told]);
  return merchant;
}
