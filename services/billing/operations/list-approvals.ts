import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Billing } from "../context.ts";
import type { Approval, ApprovalState } from "../domain/approval.ts";
import { type ApprovalPlace, listApprovals as readApprovals } from "../store/approvals.ts";
import type { Page, PageRequest } from "./read-page.ts";

/**
 * Lists the approvals of a state, or all of them, newest first. Throws INVALID_PAGE_TOKEN for the
 * token of another list.
 */
export async function listApprovals(
  { db }: Pick<Billing, "db">,
  { state, ...page }: PageRequest & { readonly state: ApprovalState | undefined },
): Promise<Page<Approval>> {
  const list = `approvals/${state ?? "all"}`;
  const [requestedAtUs, id] = fromPageToken(page.pageToken, list) ?? [];
  const before = id === undefined ? first : { requestedAtUs: Number(requestedAtUs), id };
  const size = pageSize(page.pageSize);
  const found = await readApprovals(db, state, { before, limit: size + 1 });
  const rows = found.slice(0, size);
  const last = found.length > size ? rows.at(-1) : undefined;
  const nextPageToken = last ? toPageToken([String(last.requestedAtUs), last.id], list) : "";
  return { rows, nextPageToken };
}

const first: ApprovalPlace = {
  requestedAtUs: Number.MAX_SAFE_INTEGER,
  id: "ffffffff-ffff-ffff-ffff-ffffffffffff",
};
