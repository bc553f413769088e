import { hash } from "node:crypto";
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from "./limits.ts";
import { fail } from "./reasons.ts";

/**
 * Makes the token of a page: where it begins, as the values of the list's order that the page
 * before ended with. The list is named with its filters, so that no other list takes the token.
 * It is opaque, not secret; whose rows are listed never comes from it.
 */
export function toPageToken(values: readonly string[], list = ""): string {
  const text = JSON.stringify(values);
  return Buffer.from(digest(list, text) + text).toString("base64url");
}

/**
 * Reads where a page begins; nothing for the first page, whose token is empty. Throws
 * INVALID_PAGE_TOKEN for what toPageToken has not made for this list.
 */
export function fromPageToken(token: string, list = ""): readonly string[] | undefined {
  if (token === "") return undefined;
  const text = Buffer.from(token, "base64url").toString();
  const values = text.slice(DIGEST_LENGTH);
  if (text.slice(0, DIGEST_LENGTH) !== digest(list, values)) throw fail("INVALID_PAGE_TOKEN");
  return JSON.parse(values) as string[];
}

/** How many rows a page has: the caller's wish within bounds; the default for no wish. */
export function pageSize(wanted: number): number {
  return wanted > 0 ? Math.min(wanted, MAX_PAGE_SIZE) : DEFAULT_PAGE_SIZE;
}

const DIGEST_LENGTH = 16;

function digest(list: string, values: string): string {
  return hash("sha256", JSON.stringify([list, values]), "hex").slice(0, DIGEST_LENGTH);
}
