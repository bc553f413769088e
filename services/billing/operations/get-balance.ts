import type { Billing } from "../context.ts";
import { availableAccount } from "../domain/chart.ts";
import { type Balance, balanceOf } from "../domain/wallet.ts";
import { fail } from "../errors.ts";
import type { Bounds } from "../writer/work.ts";

/** Reads what an owner has of one asset; zero of one that there never was any of. */
export async function getBalance(
  { writer, assets }: Billing,
  { ownerId, asset: code }: { readonly ownerId: string; readonly asset: string },
  bounds: Bounds,
): Promise<Balance> {
  const asset = assets.byCode(code);
  if (asset === undefined) throw fail("UNKNOWN_ASSET", { asset: code });
  const { id } = availableAccount(ownerId, asset);
  return writer.submit({
    ...bounds,
    eventCount: 1,
    decide: ({ ledger }) => balanceOf(asset.ledger, ledger.account(id) ?? nothing),
  });
}

const nothing = { debitsPending: 0n, debitsPosted: 0n, creditsPosted: 0n };
