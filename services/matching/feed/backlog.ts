import { retryLater } from "#mesh/errors.ts";
import { OVERLOAD_RETRY_MS } from "#mesh/limits.ts";
import { slept } from "#mesh/slept.ts";
import { fail } from "../errors.ts";

/** What happened and waits for one reader, up to a bound (G16, X5). */
export type Backlog<T> = {
  readonly add: (item: T) => void;
  /**
   * All that waits, as soon as there is something; nothing after some time. Throws the signal's
   * reason, and READER_TOO_SLOW once more happened than may wait.
   */
  readonly take: (withinMs: number, signal: AbortSignal) => Promise<readonly T[]>;
};

type Options<T> = {
  /** How much may wait. */
  readonly most: number;
  /** How much an item is; by default 1. */
  readonly weigh?: (item: T) => number;
  /** Makes less of what waits, such as the latest of each kind, when it is too much. */
  readonly squeeze?: (items: readonly T[]) => T[];
};

/** Makes the backlog of a reader. A single item may weigh more than the bound. */
export function createBacklog<T>({ most, weigh = () => 1, squeeze }: Options<T>): Backlog<T> {
  let [waiting, weight, isOver] = [[] as T[], 0, false];
  let wake: (() => void) | undefined;
  const add = (item: T) => {
    if (isOver) return;
    waiting.push(item);
    weight += weigh(item);
    if (weight > most && waiting.length > 1) shrink();
    wake?.();
  };
  const shrink = () => {
    waiting = squeeze?.(waiting) ?? [];
    weight = waiting.reduce((sum, item) => sum + weigh(item), 0);
    isOver = waiting.length === 0 || (weight > most && waiting.length > 1);
    if (isOver) waiting = [];
  };
  const take = async (withinMs: number, signal: AbortSignal) => {
    signal.throwIfAborted();
    if (waiting.length === 0 && !isOver) {
      await slept(withinMs, signal, (awake) => (wake = awake));
      wake = undefined;
    }
    signal.throwIfAborted();
    if (isOver) throw retryLater(fail("READER_TOO_SLOW"), OVERLOAD_RETRY_MS);
    const taken = waiting;
    [waiting, weight] = [[], 0];
    return taken;
  };
  return { add, take };
}
