import type { Billing } from "../context.ts";
import { houseAccounts } from "../domain/house-accounts.ts";
import { fail } from "../errors.ts";

/** Opens the accounts of the house that are not there yet; throws when one is there otherwise. */
export async function openHouseAccounts({ writer }: Pick<Billing, "writer">): Promise<void> {
  const results = await writer.submit({
    eventCount: 1,
    decide: ({ ledger, register, atUs }) =>
      ledger.createAccounts(houseAccounts(register.assets.all), atUs),
  });
  for (const { status } of results) {
    if (status !== "created" && status !== "exists") throw fail("LEDGER_REFUSED", { status });
  }
}
