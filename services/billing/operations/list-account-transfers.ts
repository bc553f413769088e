import type { Billing } from "../context.ts";
import type { Id } from "../domain/account.ts";
import type { TransferView } from "../domain/transfer-view.ts";
import { fail } from "../errors.ts";
import { searchTransfers } from "../store/search-transfers.ts";
import { findPlace, findTransfersAt } from "../store/transfers.ts";
import { caughtUp } from "../writer/caught-up.ts";
import type { Bounds } from "../writer/work.ts";
import { type Page, type PageRequest, readPage } from "./read-page.ts";

/** Lists the transfers that touched an account, newest first. Throws ACCOUNT_NOT_FOUND. */
export async function listAccountTransfers(
  { db, writer }: Billing,
  { accountId, ...page }: PageRequest & { readonly accountId: Id },
  bounds: Bounds,
): Promise<Page<TransferView>> {
  const { lastAtUs } = await caughtUp(writer, bounds);
  const place = await findPlace(db, accountId);
  if (place === undefined) throw fail("ACCOUNT_NOT_FOUND", { account_id: accountId });
  const order = {
    list: `transfers/${accountId}`,
    atUsOf: ({ transfer }: TransferView) => transfer.atUs,
  };
  return readPage(page, order, async ({ beforeUs, limit }) => {
    const until = { beforeUs: Math.min(beforeUs, lastAtUs + 1), limit };
    const { atsUs } = await searchTransfers(db, place, { fromUs: place.sinceUs, ...until });
    return findTransfersAt(db, atsUs);
  });
}
