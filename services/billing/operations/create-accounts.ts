import type { AccountResult, NewAccount } from "../domain/account.ts";
import type { Billing } from "../context.ts";
import type { Bounds } from "../writer/work.ts";

/** An account to open, with its asset as the wire has it. */
export type AccountRequest = Omit<NewAccount, "ledger"> & { readonly asset: string };

/** Opens accounts in order; one result each. An asset that is not counted has no ledger. */
export async function createAccounts(
  { writer, assets }: Billing,
  requests: readonly AccountRequest[],
  bounds: Bounds,
): Promise<AccountResult[]> {
  const events = requests.map(({ asset, ...rest }) => ({ ...rest, ledger: ledgerOf(asset) }));
  return writer.submit({
    ...bounds,
    eventCount: events.length,
    decide: ({ ledger, atUs }) => ledger.createAccounts(events, atUs),
  });

  function ledgerOf(code: string): number {
    return assets.byCode(code)?.ledger ?? NO_LEDGER;
  }
}

/** Not 0, which stands for an asset that was left out. */
export const NO_LEDGER = -1;
