import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import { fail } from "#mesh/reasons.ts";
import type { Stretch } from "../store/stretch.ts";

/** The page of a list that a caller asks for. */
export type PageRequest = { readonly pageSize: number; readonly pageToken: string };

/** A page of a list, with the token of the next one; that is empty on the last. */
export type Page<R> = { readonly rows: readonly R[]; readonly nextPageToken: string };

/**
 * Reads one page of a list by time, newest first: a row more than it shows tells whether there is a
 * next page. Throws INVALID_PAGE_TOKEN for the token of another list.
 */
export async function readPage<R>(
  { pageSize: wanted, pageToken }: PageRequest,
  { list, atUsOf }: { readonly list: string; readonly atUsOf: (row: R) => number },
  read: (stretch: Stretch) => Promise<readonly R[]>,
): Promise<Page<R>> {
  const [atUs] = fromPageToken(pageToken, list) ?? [];
  const beforeUs = atUs === undefined ? Number.MAX_SAFE_INTEGER : Number(atUs);
  if (!Number.isSafeInteger(beforeUs)) throw fail("INVALID_PAGE_TOKEN");
  const size = pageSize(wanted);
  const found = await read({ beforeUs, limit: size + 1 });
  const rows = found.slice(0, size);
  const last = found.length > size ? rows.at(-1) : undefined;
  return { rows, nextPageToken: last ? toPageToken([String(atUsOf(last))], list) : "" };
}
