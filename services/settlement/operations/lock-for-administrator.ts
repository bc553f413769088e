import type { Payout } from "../domain/payout.ts";
import { type Position, positionOf } from "../domain/payout-machine.ts";
import { fail } from "../errors.ts";
import { lockPayouts } from "../store/read-payouts.ts";
import type { Tx } from "../store/tables.ts";

/**
 * The payout that an administrator decides on; it does not change before the transaction ends.
 * Throws PAYOUT_NOT_FOUND, PAYOUT_STATE_DIFFERS, or OWN_PAYOUT.
 */
export async function lockForAdministrator(
  tx: Tx,
  { payoutId, personId }: { readonly payoutId: string; readonly personId: string },
  positions: readonly Position[],
): Promise<Payout> {
  const [payout] = await lockPayouts(tx, [payoutId]);
  if (payout === undefined) throw fail("PAYOUT_NOT_FOUND", { payout_id: payoutId });
  const position = positionOf(payout);
  if (!positions.includes(position)) {
    throw fail("PAYOUT_STATE_DIFFERS", { payout_id: payoutId, state: position });
  }
  if (payout.merchantId === personId) throw fail("OWN_PAYOUT", { payout_id: payoutId });
  return payout;
}
