import { hexOf } from "#mesh/ids.ts";
import type { Billing } from "../context.ts";
import { AccountCodes } from "../domain/chart.ts";
import { type Balance, balanceOf } from "../domain/wallet.ts";
import { fail } from "../errors.ts";
import type { Bounds } from "../writer/work.ts";

/**
 * Lists what an owner has of each asset, in the order of the codes. Throws OWNER_NOT_FOUND for one
 * who has no account (ACC-9).
 */
export async function listBalances(
  { writer, assets }: Billing,
  ownerId: string,
  bounds: Bounds,
): Promise<Balance[]> {
  const balances = await writer.submit({
    ...bounds,
    eventCount: 1,
    decide: ({ ledger }) =>
      ledger
        .accountsOf(hexOf(ownerId))
        .filter(({ code }) => code === AccountCodes.USER_AVAILABLE)
        .map((account) => balanceOf(account.ledger, account)),
  });
  if (balances.length === 0) throw fail("OWNER_NOT_FOUND", { owner_id: ownerId });
  const places = new Map(assets.all.map(({ ledger }, place) => [ledger, place]));
  return balances.toSorted((one, other) => places.get(one.ledger)! - places.get(other.ledger)!);
}
