/** Lets one loop sleep until there is something to do. */
export type Waker = {
  /** Wakes the loop, or keeps it from its next sleep. */
  readonly poke: () => void;
  /** Wakes the loop now and, in growing steps, a few times more: what is told of is yet to come. */
  readonly soon: () => void;
  /** Sleeps until it is woken, at most for the time given or the usual one, in milliseconds. */
  readonly wait: (mostMs?: number) => Promise<void>;
};

/** Makes a waker whose sleeps last for `usualMs` when nobody wakes it. */
export function createWaker(usualMs: number): Waker {
  let woken = false;
  let soonMs = usualMs;
  let wake: (() => void) | undefined;
  const poke = () => {
    woken = true;
    wake?.();
  };
  const soon = () => {
    soonMs = 1;
    poke();
  };
  const wait = async (mostMs = soonMs) => {
    soonMs = Math.min(soonMs * 2, usualMs);
    if (!woken) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, mostMs);
      wake = resolve;
      await promise;
      clearTimeout(timer);
    }
    woken = false;
  };
  return { poke, soon, wait };
}
