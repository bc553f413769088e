import { addAbortListener } from "node:events";
import { onAppend } from "../events/outbox.ts";
import { createWaker, type Looked } from "../events/waker.ts";
import { STEADY_RUN_MS } from "../limits.ts";
import type { Job } from "./loop.ts";

/** A job that looks again and again, and less often while there is nothing to do. */
export type SteadyJob = Job & {
  /** Says that there may be work: it looks at once, but for its usual pause. */
  readonly stir: () => void;
};

/**
 * A job that looks again and again under one lease: at once while a pass says that there may be
 * more, else after the usual pause in milliseconds. While nothing is found the pauses grow up to
 * the longest one; whatever is found, or told of by an event of this process, ends that. A pass is
 * a bounded piece of work; what it throws ends the run.
 */
export function steadily(
  name: string,
  pauseMs: { readonly usual: number; readonly most: number },
  pass: (signal: AbortSignal) => Promise<Looked>,
): SteadyJob {
  const { poke, stir, next } = createWaker(pauseMs.usual, pauseMs.most);
  const run = async (signal: AbortSignal) => {
    using watches = new DisposableStack();
    watches.use(onAppend(stir));
    watches.use(addAbortListener(signal, poke));
    const endMs = performance.now() + STEADY_RUN_MS;
    while (!signal.aborted && performance.now() < endMs) {
      await next(await pass(signal));
    }
  };
  return { name, everyMs: pauseMs.usual, run, stir };
}
