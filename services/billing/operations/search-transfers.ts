import { ZERO_ID } from "#mesh/ids.ts";
import type { Billing } from "../context.ts";
import type { Id } from "../domain/account.ts";
import type { TransferView } from "../domain/transfer-view.ts";
import { fail } from "../errors.ts";
import { searchTransfers as findTimes } from "../store/search-transfers.ts";
import { findPlace, findSinceUs, findTransfersAt } from "../store/transfers.ts";
import { caughtUp } from "../writer/caught-up.ts";
import type { Bounds } from "../writer/work.ts";
import { type Page, type PageRequest, readLook } from "./read-page.ts";

/** Which transfers to find. The id of zeros, 0 and the empty text name nothing. */
export type Search = {
  readonly accountId: Id;
  readonly userData: Id;
  readonly reference: string;
  readonly code: number;
  /** From this time and before that one, in microseconds since 1970. */
  readonly startUs?: number | undefined;
  readonly endUs?: number | undefined;
};

/**
 * Lists the transfers that have all that is named, newest first. A page may be short and not be the
 * last: one call looks at a bounded number. Throws SEARCH_KEY_REQUIRED when neither an account nor
 * user data nor a reference is named.
 */
export async function searchTransfers(
  { db, writer }: Billing,
  { pageSize, pageToken, ...search }: PageRequest & Search,
  bounds: Bounds,
): Promise<Page<TransferView>> {
  const { accountId, userData, reference, code, startUs = 0, endUs = Infinity } = search;
  const hasKey = accountId !== ZERO_ID || userData !== ZERO_ID || reference !== "";
  if (!hasKey) throw fail("SEARCH_KEY_REQUIRED");
  const { lastAtUs } = await caughtUp(writer, bounds);
  const place = accountId === ZERO_ID ? undefined : await findPlace(db, accountId);
  const sinceUs = place?.sinceUs ?? (await findSinceUs(db));
  const wanted = {
    slot: place?.slot,
    userData: userData === ZERO_ID ? undefined : userData,
    reference: reference === "" ? undefined : reference,
    code: code === 0 ? undefined : code,
  };
  const list = `search/${JSON.stringify([accountId, userData, reference, code, startUs, endUs])}`;
  return readLook({ pageSize, pageToken }, { list, atUsOf }, async ({ beforeUs, limit }) => {
    if (accountId !== ZERO_ID && place === undefined) return { rows: [], seenToUs: undefined };
    const range = { fromUs: Math.max(startUs, sinceUs), limit };
    const untilUs = Math.min(beforeUs, endUs, lastAtUs + 1);
    const { atsUs, seenToUs } = await findTimes(db, wanted, { ...range, beforeUs: untilUs });
    return { rows: await findTransfersAt(db, atsUs), seenToUs };
  });
}

const atUsOf = ({ transfer }: TransferView) => transfer.atUs;
