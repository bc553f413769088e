import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Billing } from "../context.ts";
import type { Discrepancy } from "../domain/audit.ts";
import * as store from "../store/discrepancies.ts";
import type { Page, PageRequest } from "./read-page.ts";

/**
 * Lists what audits have found, newest first; with an empty id that of all audits. Throws
 * INVALID_PAGE_TOKEN for the token of another list.
 */
export async function listDiscrepancies(
  { db, chain: { shard } }: Billing,
  auditId: string,
  { pageSize: wanted, pageToken }: PageRequest,
): Promise<Page<Discrepancy>> {
  const list = `discrepancies/${shard}/${auditId}`;
  const [before] = fromPageToken(pageToken, list) ?? [];
  const size = pageSize(wanted);
  const found = await store.listDiscrepancies(db.sql, {
    shard,
    auditId: auditId || undefined,
    beforeRowId: before === undefined ? Number.MAX_SAFE_INTEGER : Number(before),
    limit: size + 1,
  });
  const rows = found.slice(0, size);
  const last = found.length > size ? rows.at(-1) : undefined;
  return { rows, nextPageToken: last ? toPageToken([String(last.rowId)], list) : "" };
}
