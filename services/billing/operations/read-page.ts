import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import { fail } from "#mesh/reasons.ts";
import type { Stretch } from "../store/stretch.ts";

/** The page of a list that a caller asks for. */
export type PageRequest = { readonly pageSize: number; readonly pageToken: string };

/** A page of a list, with the token of the next one; that is empty on the last. */
export type Page<R> = { readonly rows: readonly R[]; readonly nextPageToken: string };

/** A list by its name, with its filters, and the order of its rows. */
type List<R> = { readonly list: string; readonly atUsOf: (row: R) => number };

/**
 * What one look at a list found. When it ended before it had seen all, and found less than it was
 * asked for, the list goes on before a time, in microseconds since 1970.
 */
export type Look<R> = { readonly rows: readonly R[]; readonly seenToUs: number | undefined };

/**
 * Reads one page of a list by time, newest first: a row more than it shows tells whether there is a
 * next page. Throws INVALID_PAGE_TOKEN for the token of another list.
 */
export async function readPage<R>(
  page: PageRequest,
  list: List<R>,
  read: (stretch: Stretch) => Promise<readonly R[]>,
): Promise<Page<R>> {
  return readLook(page, list, async (stretch) => ({
    rows: await read(stretch),
    seenToUs: undefined,
  }));
}

/**
 * The same of a list that is searched, where one look goes through a bounded number of rows: a page
 * may be short, or empty, and not be the last.
 */
export async function readLook<R>(
  { pageSize: wanted, pageToken }: PageRequest,
  { list, atUsOf }: List<R>,
  look: (stretch: Stretch) => Promise<Look<R>>,
): Promise<Page<R>> {
  const [atUs] = fromPageToken(pageToken, list) ?? [];
  const beforeUs = atUs === undefined ? Number.MAX_SAFE_INTEGER : Number(atUs);
  if (!Number.isSafeInteger(beforeUs)) throw fail("INVALID_PAGE_TOKEN");
  const size = pageSize(wanted);
  const found = await look({ beforeUs, limit: size + 1 });
  const rows = found.rows.slice(0, size);
  const nextUs = found.rows.length > size ? atUsOf(rows.at(-1)!) : found.seenToUs;
  return { rows, nextPageToken: nextUs === undefined ? "" : toPageToken([String(nextUs)], list) };
}
