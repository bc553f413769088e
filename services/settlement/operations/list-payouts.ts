import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Settlement } from "../context.ts";
import type { Payout } from "../domain/payout.ts";
import * as store from "../store/list-payouts.ts";

/** One page of payouts, the newest first, and the token of the next page. */
export async function listPayouts(
  { db }: Pick<Settlement, "db">,
  filter: store.Filter,
  page: { readonly pageSize: number; readonly pageToken: string },
): Promise<{ payouts: Payout[]; nextPageToken: string }> {
  const { state = "", stage = "", provider = "", merchantId = "", id = "" } = filter;
  const list = ["payouts", state, stage, provider, merchantId, id].join("/");
  const before = fromPageToken(page.pageToken, list)?.[0];
  const limit = pageSize(page.pageSize);
  const found = await store.listPayouts(db.sql, filter, { before, limit: limit + 1 });
  const payouts = found.slice(0, limit);
  const last = found.length > limit ? payouts.at(-1) : undefined;
  return { payouts, nextPageToken: last ? toPageToken([last.id], list) : "" };
}
