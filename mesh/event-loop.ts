import { monitorEventLoopDelay } from "node:perf_hooks";
import { EVENT_LOOP_SAMPLE_MS, EVENT_LOOP_WINDOW_MS } from "./limits.ts";

/** Watches how late the event loop is at the 99th percentile of the last window (R2). */
export function watchEventLoop(
  windowMs: number = EVENT_LOOP_WINDOW_MS,
): Disposable & { readonly p99Ms: () => number } {
  const samples = monitorEventLoopDelay({ resolution: EVENT_LOOP_SAMPLE_MS });
  samples.enable();
  let p99Ms = 0;
  const timer = setInterval(() => {
    // A sample is the time from one look to the next, so that an idle loop shows the pause.
    if (samples.count > 0) p99Ms = Math.max(0, samples.percentile(99) / 1e6 - EVENT_LOOP_SAMPLE_MS);
    samples.reset();
  }, windowMs).unref();
  return {
    p99Ms: () => p99Ms,
    [Symbol.dispose]: () => {
      clearInterval(timer);
      samples.disable();
    },
  };
}
