import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Core } from "../context.ts";
import type { Merchant } from "../domain/merchant.ts";
import * as store from "../store/merchants.ts";

/** Which page of which merchants. */
export type MerchantPage = Partial<store.MerchantFilter> & {
  readonly pageSize: number;
  readonly pageToken: string;
};

/** One page of merchants, newest first, and the token of the next page. Throws INVALID_PAGE_TOKEN. */
export async function listMerchants(
  core: Pick<Core, "db">,
  { state, username, ...page }: MerchantPage,
): Promise<{ merchants: Merchant[]; nextPageToken: string }> {
  const list = JSON.stringify(["merchants", state ?? "", username?.toLowerCase() ?? ""]);
  const [before] = fromPageToken(page.pageToken, list) ?? [];
  const limit = pageSize(page.pageSize);
  const place = { before, limit: limit + 1 };
  const found = await store.listMerchants(core.db.sql, { state, username }, place);
  const merchants = found.slice(0, limit);
  const last = found.length > limit ? merchants.at(-1) : undefined;
  return { merchants, nextPageToken: last ? toPageToken([last.id], list) : "" };
}
