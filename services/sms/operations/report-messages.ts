import { REPORT_PAGE_MESSAGES } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import { fail } from "../errors.ts";
import { countMessages, findReported } from "../store/find-messages.ts";
import { type MessageSearch, readSearch } from "./message-search.ts";
import { type MessageView, withTexts } from "./messages.ts";

/** A page of a report, counted from 1. */
export type ReportPage = {
  /** How many messages all pages have; a report has the newest of them, up to a bound. */
  readonly count: number;
  readonly lastPage: number;
  readonly messages: readonly MessageView[];
};

/**
 * Reports messages by the numbers of pages, as clients of the replaced system ask for them. Throws
 * INVALID_RECEIVER, and PAGE_NOT_FOUND beyond the last page.
 */
export async function reportMessages(
  sms: Pick<Sms, "db" | "terms">,
  search: MessageSearch,
  page: number,
): Promise<ReportPage> {
  const { filter, range } = readSearch(sms, search);
  const count = await countMessages(sms.db, filter, range);
  const limit = REPORT_PAGE_MESSAGES;
  const lastPage = Math.max(1, Math.ceil(count / limit));
  if (page > lastPage) throw fail("PAGE_NOT_FOUND", { page, last: lastPage });
  const stretch = { offset: (page - 1) * limit, limit };
  const messages = await findReported(sms.db, filter, range, stretch);
  return { count, lastPage, messages: await withTexts(sms, messages) };
}
