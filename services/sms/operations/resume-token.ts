import { reasonOf } from "#mesh/errors.ts";
import { fromPageToken, toPageToken } from "#mesh/page.ts";
import { fail } from "../errors.ts";

/** A place in the log of changes: behind the event with this number, and all before it. */
export type Place = {
  readonly offset: number;
  /** The end of that event's id, which tells this log from another one; empty for none. */
  readonly mark: string;
};

/** How far an account has read. */
export type Bookmark = Place & {
  /** How many of the account's changes in that event were read; 0 for all of them. */
  readonly taken: number;
};

/** Writes how far an account has read as a token that nobody else can go on with. */
export function toResumeToken({ offset, mark, taken }: Bookmark, accountId: string): string {
  const text = [offset.toString(36), taken.toString(36), mark].join(".");
  return toPageToken([text], listOf(accountId));
}

/** Reads such a token; throws INVALID_RESUME_TOKEN for what is not one of the account. */
export function fromResumeToken(token: string, accountId: string): Bookmark {
  const [offset, taken, mark] = partsOf(token, listOf(accountId));
  const bookmark = { offset: numberOf(offset), taken: numberOf(taken), mark: mark ?? "" };
  if (Number.isSafeInteger(bookmark.offset) && Number.isSafeInteger(bookmark.taken))
    return bookmark;
  throw fail("INVALID_RESUME_TOKEN"); // somebody has made it up, and knew how
}

function partsOf(token: string, list: string): readonly string[] {
  try {
    return fromPageToken(token, list)?.[0]?.split(".") ?? [];
  } catch (error) {
    throw reasonOf(error) === "INVALID_PAGE_TOKEN" ? fail("INVALID_RESUME_TOKEN") : error;
  }
}

function numberOf(text = ""): number {
  return Number.parseInt(text, 36);
}

/** The mark of an event: enough of its id to tell two logs apart. */
export function markOf(eventId: string | null): string {
  return eventId?.slice(-8) ?? "";
}

const listOf = (accountId: string) => `changes/${accountId}`;
