import { retryLater } from "#mesh/errors.ts";
import { fail } from "#mesh/reasons.ts";

/** How much work there may be. */
type Bounds = { readonly running: number; readonly waiting: number };

/** Lets only so much work run at the same time. */
export type HashQueue = {
  /** Does the work in its turn; throws OVERLOADED when too much waits already. */
  readonly run: <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;
  /** How many wait. */
  readonly waiting: () => number;
};

/** Makes a queue with bounds (S2). Work whose caller is gone at its turn is not begun. */
export function createHashQueue({ running, waiting }: Bounds): HashQueue {
  let free = running;
  const turns: (() => void)[] = [];
  const enter = async () => {
    if (free > 0) {
      free -= 1;
      return;
    }
    if (turns.length >= waiting) throw overloaded();
    await new Promise<void>((resolve) => turns.push(resolve));
  };
  const leave = () => {
    const next = turns.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    run: async (work, signal) => {
      await enter();
      try {
        signal?.throwIfAborted();
        return await work();
      } finally {
        leave();
      }
    },
    waiting: () => turns.length,
  };
}

function overloaded() {
  const error = fail("OVERLOADED", { resource: "The hashing of passwords", retry_ms: retryMs });
  return retryLater(error, retryMs);
}

/** About as long as a full queue takes. */
const retryMs = 1000;
