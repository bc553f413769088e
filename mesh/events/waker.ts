/** Lets one loop sleep until there is something to do. */
export type Waker = {
  /** Wakes the loop, or keeps it from its next sleep. */
  readonly poke: () => void;
  /** Wakes the loop a few times, in growing steps: what it is told of is yet to come. */
  readonly soon: () => void;
  /** Sleeps until it is woken, at most for the time given or the usual one, in milliseconds. */
  readonly wait: (mostMs?: number) => Promise<void>;
};

/** Makes a waker whose sleeps last for `usualMs` when nobody wakes it. */
export function createWaker(usualMs: number): Waker {
  let woken = false;
  let stepMs = usualMs;
  let sleeper: Sleeper | undefined;
  const poke = () => {
    woken = true;
    sleeper?.wake();
  };
  const soon = () => {
    if (stepMs < usualMs) return; // it is looking already
    stepMs = FIRST_STEP_MS;
    sleeper?.shorten(stepMs);
  };
  const wait = async (mostMs = stepMs) => {
    stepMs = Math.min(stepMs * 2, usualMs);
    if (!woken) {
      sleeper = sleepUpTo(mostMs);
      await sleeper.ended;
      sleeper = undefined;
    }
    woken = false;
  };
  return { poke, soon, wait };
}

type Sleeper = {
  readonly ended: Promise<void>;
  readonly wake: () => void;
  readonly shorten: (ms: number) => void;
};

function sleepUpTo(ms: number): Sleeper {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let timer = setTimeout(resolve, ms);
  const wake = () => {
    clearTimeout(timer);
    resolve();
  };
  const shorten = (shorterMs: number) => {
    clearTimeout(timer);
    timer = setTimeout(resolve, shorterMs);
  };
  return { ended, wake, shorten };
}

/** The first step: about as long as a small transaction takes after its event was appended. */
const FIRST_STEP_MS = 2;
