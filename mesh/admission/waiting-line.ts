import type { Clock } from "../clock.ts";

/** Calls that wait for a place. */
export type Waiting = {
  /** Joins the line; refused at once when it is full, and after the longest wait. */
  readonly wait: (signal: AbortSignal) => Promise<void>;
  /** Gives a place to one call that still wants it; false when there is none. */
  readonly serve: () => boolean;
  readonly size: () => number;
};

/** How a line behaves. */
export type LineOptions = {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly maxWaiting: number;
  readonly waitMs: { readonly usual: number; readonly overload: number };
  /** Makes the error of a call that gets no place. */
  readonly refuse: () => Error;
};

/**
 * Lines calls up. A line that has not been empty for the usual wait is one of overload: then the
 * newest is served first, and a call waits but a moment, so that no work is done for callers who
 * have given up (CoDel).
 */
export function waitingLine({ clock, maxWaiting, waitMs, refuse }: LineOptions): Waiting {
  const calls: Call[] = [];
  let timer: NodeJS.Timeout | undefined;
  let filledMs = 0;
  const isOverload = () => clock.monotonicMs() - filledMs > waitMs.usual;
  const longestMs = () => (isOverload() ? waitMs.overload : waitMs.usual);
  const expire = () => {
    timer = undefined;
    const bornMs = clock.monotonicMs() - longestMs();
    while (calls.length > 0 && calls[0]!.atMs <= bornMs) calls.shift()!.reject(refuse());
    watch();
  };
  const watch = () => {
    const [oldest] = calls;
    if (oldest === undefined || timer !== undefined) return;
    const leftMs = oldest.atMs + longestMs() - clock.monotonicMs();
    timer = setTimeout(expire, Math.max(1, leftMs));
  };
  return {
    // oxlint-disable-next-line typescript/promise-function-async -- it would take two more turns
    wait: (signal) => {
      if (calls.length >= maxWaiting) return Promise.reject(refuse());
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const atMs = clock.monotonicMs();
      if (calls.length === 0) filledMs = atMs;
      calls.push({ atMs, signal, resolve, reject });
      watch();
      return promise;
    },
    serve: () => {
      for (;;) {
        const call = isOverload() ? calls.pop() : calls.shift();
        if (call === undefined) return false;
        if (!call.signal.aborted) {
          call.resolve();
          return true;
        }
        call.reject(refuse()); // nobody waits for the answer
      }
    },
    size: () => calls.length,
  };
}

type Call = {
  readonly atMs: number;
  readonly signal: AbortSignal;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
};
