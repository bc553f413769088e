import { setTimeout as sleep } from "node:timers/promises";
import { bucketToken } from "#mesh/events/subject.ts";
import { createWaker, type Looked } from "#mesh/events/waker.ts";
import {
  CONSUMER_BACKOFF_MS,
  MAX_WATCHED_CHANGES_WAITING,
  MAX_WATCHERS,
  WATCH_POLL_MS,
} from "#mesh/limits.ts";
import { createSeats } from "#mesh/watch-seats.ts";
import type { Sms } from "../context.ts";
import { type Happened, type Read, readChanges } from "./read-changes.ts";
import type { Place } from "./resume-token.ts";
import { createBacklog, type WatchBacklog } from "./watch-backlog.ts";

/** Reads the log of changes once for all who watch it in this process; rests while nobody does. */
export type ChangeTail = {
  /** Lets somebody watch an account, until it is disposed of. Throws OVERLOADED (R3). */
  readonly watch: (accountId: string) => Watcher;
};

/** Somebody who watches an account. */
export type Watcher = Disposable & {
  /**
   * Reads on from a place without the tail; watchers do that one after the other. Undefined when
   * some of what follows is no longer kept.
   */
  readonly readOn: (place: Place) => Promise<Read | undefined>;
  /** Has the tail bring what follows a place; undefined when it is beyond that place already. */
  readonly follow: (place: Place) => Pick<WatchBacklog, "take"> | undefined;
};

/** Makes the tail of a process, with a bound on the changes that wait for one watcher. */
export function createChangeTail(
  sms: Pick<Sms, "db" | "log">,
  mostWaiting: number = MAX_WATCHED_CHANGES_WAITING,
): ChangeTail {
  const seats = createSeats(MAX_WATCHERS);
  const followers = new Map<Seat, Following>();
  let tail: Place | undefined; // none while it rests
  let turn: Promise<unknown> = Promise.resolve();

  const run = async () => {
    const { next } = createWaker(WATCH_POLL_MS.usual, WATCH_POLL_MS.most);
    while (followers.size > 0) {
      try {
        await next(await pass(tail!));
      } catch (error) {
        sms.log.warn({ err: error }, "the log of changes can't be read; it is tried again");
        await sleep(CONSUMER_BACKOFF_MS);
      }
    }
    tail = undefined;
  };
  /** Brings what follows; tells whether to look again at once. */
  const pass = async (from: Place): Promise<Looked> => {
    const buckets = new Set(Array.from(followers.keys(), ({ bucket }) => bucket));
    const read = await readChanges(sms, from, [...buckets]);
    if (read === undefined) {
      for (const { backlog } of followers.values()) backlog.end();
      followers.clear();
      return true;
    }
    // Somebody came meanwhile whose changes were not asked for: what was read is read again.
    if (Array.from(followers.keys()).some(({ bucket }) => !buckets.has(bucket))) return true;
    const byAccount = ofAccounts(read.happened);
    for (const [{ accountId }, following] of followers) {
      bring(byAccount.get(accountId) ?? [], read.place, following);
    }
    tail = read.place;
    return read.place === from ? undefined : read.hasMore;
  };
  const follow = (seat: Seat, place: Place): WatchBacklog | undefined => {
    if (tail !== undefined && place.offset < tail.offset) return undefined;
    const backlog = createBacklog(place, mostWaiting);
    followers.set(seat, { afterOffset: place.offset, backlog });
    if (tail === undefined) {
      tail = place;
      void run();
    }
    return backlog;
  };
  const readOn = async (seat: Seat, place: Place): Promise<Read | undefined> => {
    const read = turn.then(async () => readChanges(sms, place, [seat.bucket]));
    turn = read.catch(() => undefined);
    const found = await read;
    return found && { ...found, happened: ofAccounts(found.happened).get(seat.accountId) ?? [] };
  };
  const watch = (accountId: string): Watcher => {
    seats.take(accountId);
    const seat = { accountId, bucket: bucketToken(accountId) };
    return {
      readOn: async (place) => readOn(seat, place),
      follow: (place) => follow(seat, place),
      [Symbol.dispose]: () => {
        followers.delete(seat);
        seats.leave(accountId);
      },
    };
  };
  return { watch };
}

type Seat = { readonly accountId: string; readonly bucket: string };
type Following = { readonly afterOffset: number; readonly backlog: WatchBacklog };

/** Brings a watcher what it did not have before. */
function bring(own: readonly Happened[], to: Place, { afterOffset, backlog }: Following): void {
  for (const one of own) if (one.place.offset > afterOffset) backlog.add(one);
  if (to.offset > afterOffset) backlog.reach(to);
}

/** What some events tell about each account. */
function ofAccounts(happened: readonly Happened[]): ReadonlyMap<string, readonly Happened[]> {
  const all = new Map<string, Happened[]>();
  for (const { changes, place } of happened) {
    for (const [accountId, own] of Map.groupBy(changes, (change) => change.accountId)) {
      const before = all.get(accountId);
      if (before === undefined) all.set(accountId, [{ changes: own, place }]);
      else before.push({ changes: own, place });
    }
  }
  return all;
}
