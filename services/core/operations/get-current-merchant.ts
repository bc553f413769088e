import type { Balance } from "#gen/mizan/billing/v1/wallet_pb.ts";
import type { Credit } from "#gen/mizan/billing/v1/credit_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { callOptions } from "#mesh/grpc/clients.ts";
import type { Call, Core } from "../context.ts";
import type { Merchant } from "../domain/merchant.ts";
import { getCredit } from "./get-credit.ts";
import { getMerchant } from "./get-merchant.ts";

/** How a merchant stands: the profile, the credit if there is one, and the money of its own. */
export type MerchantStanding = {
  readonly merchant: Merchant;
  readonly credit: Credit | undefined;
  readonly wallet: readonly Balance[];
};

/** How the calling merchant stands. Throws MERCHANT_NOT_FOUND for who never registered as one. */
export async function getCurrentMerchant(
  core: Core,
  id: string,
  call: Call,
): Promise<MerchantStanding> {
  const merchant = await getMerchant(core.db.sql, id);
  const [credit, wallet] = await Promise.all([
    getCredit(core, merchant, call),
    walletOf(core, id, call),
  ]);
  return { merchant, credit, wallet };
}

/** Nothing while the ledger does not know the owner yet (ACC-9). */
async function walletOf(core: Core, ownerId: string, call: Call): Promise<readonly Balance[]> {
  try {
    return (await core.wallets.listBalances({ ownerId }, callOptions(call))).balances;
  } catch (error) {
    if (reasonOf(error) === "OWNER_NOT_FOUND") return [];
    throw error;
  }
}
