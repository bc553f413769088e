import type { Billing } from "../context.ts";
import type { Account, Id } from "../domain/account.ts";
import type { Bounds } from "../writer/work.ts";

/** Finds accounts with their counters as of now, in the order of the ids; unknown ones are left out. */
export async function lookupAccounts(
  { writer }: Billing,
  ids: readonly Id[],
  bounds: Bounds,
): Promise<Readonly<Account>[]> {
  return writer.submit({
    ...bounds,
    eventCount: 1,
    decide: ({ ledger }) =>
      ids.flatMap((id) => {
        const account = ledger.account(id);
        return account === undefined ? [] : [{ ...account }]; // as it is now, whatever comes next
      }),
  });
}
