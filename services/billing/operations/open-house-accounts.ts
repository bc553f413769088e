import { derivedId, uuidOf } from "#mesh/ids.ts";
import type { Billing } from "../context.ts";
import type { Asset } from "../domain/asset.ts";
import { CREDIT_ASSET, deskAvailableAccount } from "../domain/chart.ts";
import { houseAccountsOf } from "../domain/house-accounts.ts";
import { isBeyond } from "../domain/monitor.ts";
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

/**
 * Opens the accounts of the house in an asset. Those of the desk have no limit, since a trade that
 * was made has to be booked (ACC-7), so a monitor tells when the desk owes more than it has.
 */
export function openHouse(turn: Turn, asset: Asset): void {
  for (const { status } of turn.ledger.createAccounts(houseAccountsOf(asset), turn.atUs)) {
    if (status !== "created" && status !== "exists") throw fail("LEDGER_REFUSED", { status });
  }
  if (asset.code !== CREDIT_ASSET) watchDesk(turn, asset);
}

function watchDesk({ ledger, monitors, atUs }: Turn, asset: Asset): void {
  const account = ledger.account(deskAvailableAccount(asset).id)!;
  const watched = { field: "available", direction: "below", boundMinor: 0n } as const;
  monitors.watch({
    id: uuidOf(derivedId(`monitor/desk/${asset.code}`)),
    slot: account.slot,
    ...watched,
    name: `The desk has less than no ${asset.code}`,
    createdAtUs: atUs,
    isBeyond: isBeyond(watched, account),
  });
}
