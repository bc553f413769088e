import type { MessageChange } from "#gen/mizan/sms/v1/events_pb.ts";
import { MAX_WATCHED_CHANGES, WATCH_SIGN_MS } from "#mesh/limits.ts";
import { fail as refuse } from "#mesh/reasons.ts";
import type { Sms } from "../context.ts";
import { fail } from "../errors.ts";
import type { ChangeTail, Watcher } from "./change-tail.ts";
import { findBookmark, type Happened, placeOfNow } from "./read-changes.ts";
import { type Bookmark, type Place, toResumeToken } from "./resume-token.ts";

/** Some changes in order, and the token with which a later stream goes on after them. */
export type Watched = {
  readonly changes: readonly MessageChange[];
  readonly resumeToken: string;
};

/** Who watches from where, and until when. */
export type Watch = {
  readonly accountId: string;
  /** The last token of an earlier stream; empty to begin with what happens now. */
  readonly resumeToken: string;
  /** Aborts when the caller is gone, at the caller's deadline and at a drain. */
  readonly signal: AbortSignal;
  /** When the stream has to begin anew at the latest, in epoch milliseconds. */
  readonly endMs: number;
  /** After how long without a change there is a sign of life. */
  readonly signMs?: number;
};

/**
 * Follows the changes of an account's messages, each once and in order: first what happened since
 * the token, then what happens. It answers at once, and gives a sign of life when nothing happens.
 * Throws OVERLOADED, INVALID_RESUME_TOKEN, RESUME_TOKEN_TOO_OLD, READER_TOO_SLOW and, at the end
 * of its time, DEADLINE_PASSED.
 */
export async function* watchMessages(
  sms: Pick<Sms, "db"> & { readonly changes: ChangeTail },
  watch: Watch,
): AsyncGenerator<Watched> {
  const { accountId, resumeToken } = watch;
  using watcher = sms.changes.watch(accountId);
  const begin: Bookmark =
    resumeToken === ""
      ? { ...(await placeOfNow(sms)), taken: 0 }
      : await findBookmark(sms, resumeToken, accountId);
  const tokenOf = (bookmark: Bookmark) => toResumeToken(bookmark, accountId);
  yield { changes: [], resumeToken: tokenOf(begin) };
  for await (const { changes, bookmark } of follow(watcher, begin, watch)) {
    yield { changes, resumeToken: tokenOf(bookmark) };
  }
}

type Step = { readonly changes: readonly MessageChange[]; readonly bookmark: Bookmark };

async function* follow(watcher: Watcher, begin: Bookmark, watch: Watch): AsyncGenerator<Step> {
  const { signal, endMs, signMs = WATCH_SIGN_MS } = watch;
  let { taken } = begin;
  // Of an event that was read in part, the rest comes first.
  let place: Place = taken === 0 ? begin : { offset: begin.offset - 1, mark: "" };
  let backlog = watch.resumeToken === "" ? watcher.follow(place) : undefined;
  while (backlog === undefined) {
    signal.throwIfAborted();
    const read = await watcher.readOn(place);
    if (read === undefined) throw fail("READER_TOO_SLOW"); // it was kept a moment ago
    yield* stepsOf(read.happened, taken);
    [place, taken] = [read.place, 0];
    if (!read.hasMore) backlog = watcher.follow(place);
  }
  for (;;) {
    const leftMs = endMs - Date.now();
    if (leftMs <= 0) throw refuse("DEADLINE_PASSED");
    const come = await backlog.take(Math.min(signMs, leftMs), signal);
    if (come.happened.length > 0) yield* stepsOf(come.happened, 0);
    else yield { changes: [], bookmark: { ...come.place, taken: 0 } };
  }
}

/** Puts changes together to answers of a bounded size; some of the first event's were taken. */
function* stepsOf(happened: readonly Happened[], taken: number): Generator<Step> {
  let changes: MessageChange[] = [];
  let bookmark: Bookmark | undefined;
  let from = taken;
  for (const { changes: all, place } of happened) {
    while (from < all.length) {
      const part = all.slice(from, from + MAX_WATCHED_CHANGES - changes.length);
      from += part.length;
      changes.push(...part);
      bookmark = { ...place, taken: from === all.length ? 0 : from };
      if (changes.length < MAX_WATCHED_CHANGES) continue;
      yield { changes, bookmark };
      changes = [];
    }
    from = 0;
  }
  if (bookmark !== undefined && changes.length > 0) yield { changes, bookmark };
}
