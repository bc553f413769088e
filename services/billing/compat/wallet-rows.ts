import { AssetService } from "#gen/mizan/billing/v1/asset_service_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { compatRow } from "#mesh/compat/row.ts";

/** The paths by which people of a replaced exchange read what they have, and what there is. */
export const walletRows = [
  compatRow({
    path: "/api/wallets",
    verb: "GET",
    method: WalletService.method.listBalances,
    toRequest: () => ({}),
    answer: async ({ ask }) => {
      const { balances } = await ask();
      return balances.map(({ available, held, total }) => ({
        currency: total!.asset,
        balance: total!.amount,
        available: available!.amount,
        held: held!.amount,
      }));
    },
    errors: { key: "detail" },
  }),
  compatRow({
    path: "/api/currencies",
    verb: "GET",
    method: AssetService.method.listAssets,
    toRequest: () => ({}),
    answer: async ({ ask }) => {
      const { assets } = await ask();
      return assets.map(({ code, scale }) => ({ code, decimals: scale }));
    },
    errors: { key: "detail" },
  }),
];
