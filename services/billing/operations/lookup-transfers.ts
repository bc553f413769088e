import type { Billing } from "../context.ts";
import type { Id } from "../domain/account.ts";
import type { TransferView } from "../domain/transfer-view.ts";
import { findTransfers } from "../store/transfers.ts";
import { caughtUp } from "../writer/caught-up.ts";
import type { Bounds } from "../writer/work.ts";

/** Finds transfers in the order of the ids; unknown ones are left out. */
export async function lookupTransfers(
  { db, writer }: Billing,
  ids: readonly Id[],
  bounds: Bounds,
): Promise<TransferView[]> {
  await caughtUp(writer, bounds);
  const found = await findTransfers(db, ids);
  const byId = new Map(found.map((view) => [view.transfer.id, view]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
