import { Code } from "@connectrpc/connect";
import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Core } from "../context.ts";
import type { RequestLog, RequestLogFilter } from "../domain/request-log.ts";
import { fail } from "../errors.ts";
import * as store from "../store/request-logs.ts";

/**
 * One page of calls, the newest first, and the token of the next page; a page may be short. A code
 * is found however it is spelled. Throws UNKNOWN_CODE.
 */
export async function listRequestLogs(
  { db }: Pick<Core, "db">,
  asked: RequestLogFilter,
  page: { readonly pageSize: number; readonly pageToken: string },
): Promise<{ requestLogs: RequestLog[]; nextPageToken: string }> {
  const filter = { ...asked, code: codeNamed(asked.code) };
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

/** A code as the log writes it, from the spelling of any caller: "AlreadyExists" in the end. */
function codeNamed(text: string): string {
  if (text === "") return "";
  const code = codes.get(plain(text));
  if (code === undefined) throw fail("UNKNOWN_CODE", { code: text });
  return code;
}

function plain(text: string): string {
  return text.replaceAll(/[^a-z0-9]/gi, "").toLowerCase();
}

/** The codes by what is left of them without case and strokes, and "CANCELLED", as gRPC has it. */
const codes = new Map([
  ...["Ok", ...Object.keys(Code).filter((name) => /[A-Z]/.test(name))].map(
    (name): [string, string] => [plain(name), name],
  ),
  ["cancelled", "Canceled"],
]);
