import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Core } from "../context.ts";
import type { RequestLog, RequestLogFilter } from "../domain/request-log.ts";
import * as store from "../store/request-logs.ts";

/** One page of calls, the newest first, and the token of the next page; a page may be short. */
export async function listRequestLogs(
  { db }: Pick<Core, "db">,
  filter: RequestLogFilter,
  page: { readonly pageSize: number; readonly pageToken: string },
): Promise<{ requestLogs: RequestLog[]; nextPageToken: string }> {
  const list = `request-logs ${JSON.stringify(filter)}`;
  const begin = fromPageToken(page.pageToken, list);
  const after = begin && { atMs: Number(begin[0]), id: begin[1]! };
  const size = pageSize(page.pageSize);
  const found = await store.listRequestLogs(db.sql, filter, { after, limit: size + 1 });
  const requestLogs = found.logs.slice(0, size);
  const last = found.logs.length > size ? requestLogs.at(-1) : found.scannedTo;
  const nextPageToken = last ? toPageToken([String(last.atMs), last.id], list) : "";
  return { requestLogs, nextPageToken };
}
