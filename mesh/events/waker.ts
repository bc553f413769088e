/** What a look came to: whether there may be more to do, or undefined when there was nothing. */
export type Looked = boolean | undefined;

/** Lets one loop sleep until there is something to do. */
export type Waker = {
  /** Wakes the loop, or keeps it from its next sleep. */
  readonly poke: () => void;
  /** Wakes the loop a few times, in growing steps: what it is told of is yet to come. */
  readonly soon: () => void;
  /** Says that something is found or goes on: sleeps, also the one under way, last as usual again. */
  readonly stir: () => void;
  /** Sleeps until it is woken, at most for the time given or the one that it is at, in milliseconds. */
  readonly wait: (mostMs?: number) => Promise<void>;
  /** Waits as the last look asks for: not at all while there may be more. */
  readonly next: (last: Looked) => Promise<void>;
};

/**
 * Makes a waker whose sleeps last for `usualMs` when nobody wakes it, and ever longer, up to
 * `mostMs`, while there is nothing to do.
 */
export function createWaker(usualMs: number, mostMs: number = usualMs): Waker {
  let woken = false;
  let nextMs = usualMs;
  let sleeper: Sleeper | undefined;
  const poke = () => {
    woken = true;
    nextMs = Math.min(nextMs, usualMs);
    sleeper?.wake();
  };
  const soon = () => {
    if (nextMs < usualMs) return; // it is looking already
    nextMs = FIRST_STEP_MS;
    sleeper?.endAt(performance.now() + FIRST_STEP_MS);
  };
  const stir = () => {
    if (nextMs <= usualMs) return;
    nextMs = usualMs;
    if (sleeper !== undefined) sleeper.endAt(sleeper.sinceMs + usualMs);
  };
  const longer = (ms: number) =>
    ms < usualMs ? Math.min(ms * 2, usualMs) : Math.min(Math.ceil(ms * GROWTH), mostMs);
  const wait = async (forMs = nextMs) => {
    nextMs = longer(nextMs);
    if (!woken) {
      sleeper = sleepUpTo(forMs);
      await sleeper.ended;
      sleeper = undefined;
    }
    woken = false;
  };
  const next = async (last: Looked) => {
    if (last !== undefined) stir();
    if (last !== true) await wait();
  };
  return { poke, soon, stir, wait, next };
}

type Sleeper = {
  /** When it began, by the monotonic clock. */
  readonly sinceMs: number;
  readonly ended: Promise<void>;
  readonly wake: () => void;
  readonly endAt: (atMs: number) => void;
};

function sleepUpTo(ms: number): Sleeper {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let timer = setTimeout(resolve, ms);
  const wake = () => {
    clearTimeout(timer);
    resolve();
  };
  const endAt = (atMs: number) => {
    clearTimeout(timer);
    timer = setTimeout(resolve, Math.max(0, atMs - performance.now()));
  };
  return { sinceMs: performance.now(), ended, wake, endAt };
}

/** The first step: about as long as a small transaction takes after its event was appended. */
const FIRST_STEP_MS = 2;

/** How much longer a sleep is than the one before: a twentieth of the time since there was work. */
const GROWTH = 1.05;
