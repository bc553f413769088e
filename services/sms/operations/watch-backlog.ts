import { retryLater } from "#mesh/errors.ts";
import { OVERLOAD_RETRY_MS } from "#mesh/limits.ts";
import { slept } from "#mesh/slept.ts";
import { fail } from "../errors.ts";
import type { Happened } from "./read-changes.ts";
import type { Place } from "./resume-token.ts";

/** What has happened and waits for one watcher, up to a bound (G16). */
export type WatchBacklog = {
  readonly add: (happened: Happened) => void;
  /** Says how far all was added that there is. */
  readonly reach: (place: Place) => void;
  /** Tells the watcher that it missed something; what waits is dropped. */
  readonly end: () => void;
  /**
   * All that waits, as soon as there is something; nothing after some time. Throws the signal's
   * reason, and READER_TOO_SLOW once more happened than may wait.
   */
  readonly take: (withinMs: number, signal: AbortSignal) => Promise<Taken>;
};

/** What was taken, and behind which place the watcher is with that. */
type Taken = { readonly happened: readonly Happened[]; readonly place: Place };

/** Makes a backlog from a place on; it holds so many changes, or one event of whatever size. */
export function createBacklog(from: Place, most: number): WatchBacklog {
  let [waiting, count, place, isOver] = [[] as Happened[], 0, from, false];
  let wake: (() => void) | undefined;
  const end = () => {
    [waiting, count, isOver] = [[], 0, true];
    wake?.();
  };
  const add = (happened: Happened) => {
    if (isOver) return;
    if (count > 0 && count + happened.changes.length > most) {
      end();
      return;
    }
    waiting.push(happened);
    count += happened.changes.length;
    wake?.();
  };
  const take = async (withinMs: number, signal: AbortSignal) => {
    signal.throwIfAborted();
    if (count === 0 && !isOver) await slept(withinMs, signal, (awake) => (wake = awake));
    signal.throwIfAborted();
    if (isOver) throw retryLater(fail("READER_TOO_SLOW"), OVERLOAD_RETRY_MS);
    const taken = { happened: waiting, place };
    [waiting, count] = [[], 0];
    return taken;
  };
  return { add, end, take, reach: (reached) => void (place = reached) };
}
