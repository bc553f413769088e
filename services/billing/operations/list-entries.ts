import type { Billing } from "../context.ts";
import { availableAccount } from "../domain/chart.ts";
import type { Entry } from "../domain/wallet.ts";
import { fail } from "../errors.ts";
import { listEntries as readEntries } from "../store/entries.ts";
import { type Page, type PageRequest, readPage } from "./read-page.ts";
import { findSlot } from "../store/transfers.ts";
import { caughtUp } from "../writer/caught-up.ts";
import type { Bounds } from "../writer/work.ts";

/**
 * Lists what changed the balance of an owner's asset, newest first, with the balance after each.
 * There is nothing to list of an asset that the owner never had. Throws UNKNOWN_ASSET.
 */
export async function listEntries(
  { db, writer, assets }: Billing,
  {
    ownerId,
    asset: code,
    ...page
  }: PageRequest & { readonly ownerId: string; readonly asset: string },
  bounds: Bounds,
): Promise<Page<Entry>> {
  const asset = assets.byCode(code);
  if (asset === undefined) throw fail("UNKNOWN_ASSET", { asset: code });
  await caughtUp(writer, bounds);
  const { id } = availableAccount(ownerId, asset);
  const slot = await findSlot(db, id);
  const order = { list: `entries/${id}`, atUsOf: ({ atUs }: Entry) => atUs };
  return readPage(page, order, async (stretch) =>
    slot === undefined ? [] : readEntries(db, slot, stretch),
  );
}
