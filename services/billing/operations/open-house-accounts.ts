import type { Billing } from "../context.ts";
import { houseAccounts } from "../domain/house-accounts.ts";
import { fail } from "../errors.ts";

/** Opens the accounts of the house that are not there yet; throws when one is there otherwise. */
export async function openHouseAccounts({ writer, assets }: Billing): Promise<void> {
  const events = houseAccounts(assets.all);
  const results = await writer.submit({
    eventCount: events.length,
    decide: ({ ledger, atUs }) => ledger.createAccounts(events, atUs),
  });
  for (const { status } of results) {
    if (status !== "created" && status !== "exists") throw fail("LEDGER_REFUSED", { status });
  }
}
