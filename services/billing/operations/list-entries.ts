import type { Billing } from "../context.ts";
import type { Entry, EntryType } from "../domain/wallet.ts";
import { findEntries } from "../store/entries.ts";
import { findOwnSlots } from "../store/own-slots.ts";
import { caughtUp } from "../writer/caught-up.ts";
import type { Bounds } from "../writer/work.ts";
import { type OwnAsset, ownAccounts } from "./own-accounts.ts";
import { type Page, type PageRequest, readLook } from "./read-page.ts";

/** Which entries of a statement to list; what is left out bounds nothing. */
export type EntryFilter = {
  /** Only these types; none is all. */
  readonly types?: readonly EntryType[];
  /** From this time and before that one, in microseconds since 1970. */
  readonly startUs?: number | undefined;
  readonly endUs?: number | undefined;
  /** Only those with this reference; none is all. */
  readonly reference?: string;
};

/**
 * Lists what changed the balance of an owner's asset, newest first, with the balance after each.
 * A page may be short and not be the last: one call looks at a bounded number of entries. There is
 * nothing to list of an asset that the owner never had. Throws UNKNOWN_ASSET.
 */
export async function listEntries(
  { db, writer, assets }: Billing,
  request: PageRequest & OwnAsset & EntryFilter,
  bounds: Bounds,
): Promise<Page<Entry>> {
  const own = ownAccounts(assets, request);
  const { types = [], startUs = 0, endUs = Infinity, reference = "" } = request;
  const { lastAtUs } = await caughtUp(writer, bounds);
  const slots = await findOwnSlots(db, own);
  const list = `entries/${own.available}/${JSON.stringify([types, startUs, endUs, reference])}`;
  return readLook(request, { list, atUsOf: ({ atUs }: Entry) => atUs }, async (stretch) => {
    if (slots === undefined) return { rows: [], seenToUs: undefined };
    const beforeUs = Math.min(stretch.beforeUs, endUs, lastAtUs + 1);
    const search = { fromUs: startUs, beforeUs, limit: stretch.limit, types, reference };
    const { entries, seenToUs } = await findEntries(db, slots, search);
    return { rows: entries, seenToUs };
  });
}
