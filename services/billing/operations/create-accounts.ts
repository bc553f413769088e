import type { Billing } from "../context.ts";
import type { AccountResult, NewAccount } from "../domain/account.ts";
import { checkMayOpen } from "../domain/may-post.ts";
import type { Bounds } from "../writer/work.ts";

/** An account to open, with its asset as the wire has it. */
export type AccountRequest = Omit<NewAccount, "ledger"> & { readonly asset: string };

/** Who asks; absent for the house itself. */
type Manner = Bounds & { readonly service?: string };

/**
 * Opens accounts in order; one result each. An asset that is not counted has no ledger. Throws
 * NOT_ALLOWED and OWNER_NOT_FOUND, before any is opened, for what is not the service's to open.
 */
export async function createAccounts(
  { writer, assets }: Billing,
  requests: readonly AccountRequest[],
  { service = "", ...bounds }: Manner,
): Promise<AccountResult[]> {
  const events = requests.map(({ asset, ...rest }) => ({ ...rest, ledger: ledgerOf(asset) }));
  return writer.submit({
    ...bounds,
    eventCount: events.length,
    decide: ({ ledger, atUs }) => {
      checkMayOpen(service, { ledger, assets }, events);
      return ledger.createAccounts(events, atUs);
    },
  });

  function ledgerOf(code: string): number {
    return assets.byCode(code)?.ledger ?? NO_LEDGER;
  }
}

/** Not 0, which stands for an asset that was left out. */
export const NO_LEDGER = -1;
