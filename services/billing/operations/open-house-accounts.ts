import type { Billing } from "../context.ts";
import type { Asset } from "../domain/asset.ts";
import { houseAccountsOf } from "../domain/house-accounts.ts";
import { fail } from "../errors.ts";
import type { Turn } from "../writer/work.ts";

/** Opens the accounts of the house that are not there yet; throws when one is there otherwise. */
export async function openHouseAccounts({ writer }: Pick<Billing, "writer">): Promise<void> {
  await writer.submit({
    eventCount: 1,
    decide: (turn) => {
      for (const asset of turn.register.assets.all) openHouse(turn, asset);
    },
  });
}

/** Opens the accounts of the house in an asset. */
export function openHouse(turn: Turn, asset: Asset): void {
  for (const { status } of turn.ledger.createAccounts(houseAccountsOf(asset), turn.atUs)) {
    if (status !== "created" && status !== "exists") throw fail("LEDGER_REFUSED", { status });
  }
}
