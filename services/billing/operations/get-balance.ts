import type { Billing } from "../context.ts";
import { type Balance, balanceOf } from "../domain/wallet.ts";
import type { Bounds } from "../writer/work.ts";
import { type OwnAsset, ownAccounts } from "./own-accounts.ts";

/** Reads what an owner has of one asset; zero of one that there never was any of. */
export async function getBalance(
  { writer, assets }: Billing,
  asset: OwnAsset,
  bounds: Bounds,
): Promise<Balance> {
  const { ledger: number, available, inOrders } = ownAccounts(assets, asset);
  return writer.submit({
    ...bounds,
    eventCount: 1,
    decide: ({ ledger }) => balanceOf(number, ledger.account(available), ledger.account(inOrders)),
  });
}
