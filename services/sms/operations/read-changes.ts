import { fromBinary } from "@bufbuild/protobuf";
import { type MessageChange, MessagesChangedSchema } from "#gen/mizan/sms/v1/events_pb.ts";
import { streamOfEvent, subjectOf } from "#mesh/events/subject.ts";
import { WATCH_READ_EVENTS } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import { fail } from "../errors.ts";
import { findSpot, readEvents, type Spot } from "../store/event-log.ts";
import {
  type Bookmark,
  fromResumeToken,
  markOf,
  type Place,
  toResumeToken,
} from "./resume-token.ts";

/** What one event tells, and the place behind it. */
export type Happened = { readonly changes: readonly MessageChange[]; readonly place: Place };

/** Some events in a row. */
export type Read = {
  readonly happened: readonly Happened[];
  /** Behind all of them. */
  readonly place: Place;
  /** Whether there may be more. */
  readonly hasMore: boolean;
};

/** Behind all that has happened by now. */
export async function placeOfNow({ db }: Pick<Sms, "db">): Promise<Place> {
  const { last, eventId } = await findSpot(db, stream);
  return { offset: last, mark: markOf(eventId) };
}

/**
 * Where the reader of a token left off. Throws INVALID_RESUME_TOKEN for the token of another
 * account, of another log or of the future, and RESUME_TOKEN_TOO_OLD when some of what follows it
 * is no longer kept (DATA-2).
 */
export async function findBookmark(
  { db }: Pick<Sms, "db">,
  resumeToken: string,
  accountId: string,
): Promise<Bookmark> {
  const bookmark = fromResumeToken(resumeToken, accountId);
  const spot = await findSpot(db, stream, bookmark.offset);
  const isOther = spot.eventId !== null && markOf(spot.eventId) !== bookmark.mark;
  if (bookmark.offset > spot.last || isOther) throw fail("INVALID_RESUME_TOKEN");
  if (isFollowed(bookmark, spot)) return bookmark;
  const oldest = { offset: (spot.next ?? spot.last + 1) - 1, mark: "", taken: 0 };
  throw fail("RESUME_TOKEN_TOO_OLD", {
    resume_token: resumeToken,
    oldest: toResumeToken(oldest, accountId),
  });
}

/** Whether all is kept that follows a bookmark. */
function isFollowed({ offset, taken }: Bookmark, { last, eventId, next }: Spot): boolean {
  if (taken > 0 && eventId === null) return false;
  return next === null ? offset === last : next === offset + 1;
}

/**
 * Reads some events that follow a place: those of some buckets of accounts, and past all others.
 * Undefined when some of what follows is no longer kept.
 */
export async function readChanges(
  { db }: Pick<Sms, "db">,
  place: Place,
  buckets: readonly string[],
): Promise<Read | undefined> {
  const subjects = buckets.map((bucket) => subjectOf(MessagesChangedSchema, bucket));
  const limit = WATCH_READ_EVENTS;
  const events = await readEvents(db, { stream, afterOffset: place.offset, subjects, limit });
  if (events.some(({ offset }, index) => offset !== place.offset + 1 + index)) return undefined;
  const happened = events.flatMap(({ offset, eventId, payload }) => {
    if (payload === null) return [];
    const { changes } = fromBinary(MessagesChangedSchema, payload);
    return [{ changes, place: { offset, mark: markOf(eventId) } }];
  });
  const last = events.at(-1);
  const end = last && { offset: last.offset, mark: markOf(last.eventId) };
  return { happened, place: end ?? place, hasMore: events.length === limit };
}

const stream = streamOfEvent(MessagesChangedSchema);
