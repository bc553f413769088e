import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Sms } from "../context.ts";
import { findMessages } from "../store/find-messages.ts";
import { type MessageSearch, readSearch } from "./message-search.ts";
import { type MessageView, withTexts } from "./messages.ts";

/**
 * One page of messages, newest first, and the token of the next one. A page may be short and not
 * be the last: one call looks at a bounded number of messages. Throws INVALID_RECEIVER, and
 * INVALID_PAGE_TOKEN for the token of another search (REP-1).
 */
export async function listMessages(
  sms: Pick<Sms, "db" | "terms">,
  search: MessageSearch,
  page: { readonly pageSize: number; readonly pageToken: string },
): Promise<{ readonly messages: MessageView[]; readonly nextPageToken: string }> {
  const { filter, range } = readSearch(sms, search);
  const list = `messages/${JSON.stringify([filter, range])}`;
  const [after] = fromPageToken(page.pageToken, list) ?? [range.beforeId];
  const size = pageSize(page.pageSize);
  const rest = { ...range, beforeId: after! };
  const { messages: found, seenToId } = await findMessages(sms.db, filter, rest, size + 1);
  const messages = found.slice(0, size);
  const lastId = found.length > size ? messages.at(-1)!.id : seenToId;
  const nextPageToken = lastId === undefined ? "" : toPageToken([lastId], list);
  return { messages: await withTexts(sms, messages), nextPageToken };
}
