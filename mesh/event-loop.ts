import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { EVENT_LOOP_SAMPLE_MS, EVENT_LOOP_WINDOW_MS } from "./limits.ts";

/** How the event loop fared in the last window (R2). */
export type EventLoop = Disposable & {
  /** How late it was at the 99th percentile: for its own work, or because others had the CPU. */
  readonly p99Ms: () => number;
  /** The part of the time that it worked, from 0 to 1; the rest it waited for something to do. */
  readonly utilization: () => number;
};

/** Watches the event loop, window by window. */
export function watchEventLoop(windowMs: number = EVENT_LOOP_WINDOW_MS): EventLoop {
  const samples = monitorEventLoopDelay({ resolution: EVENT_LOOP_SAMPLE_MS });
  samples.enable();
  let p99Ms = 0;
  let utilization = 0;
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    // A sample is the time from one look to the next, so that an idle loop shows the pause.
    if (samples.count > 0) p99Ms = Math.max(0, samples.percentile(99) / 1e6 - EVENT_LOOP_SAMPLE_MS);
    samples.reset();
    const now = performance.eventLoopUtilization();
    ({ utilization } = performance.eventLoopUtilization(now, before));
    before = now;
  }, windowMs).unref();
  return {
    p99Ms: () => p99Ms,
    utilization: () => utilization,
    [Symbol.dispose]: () => {
      clearInterval(timer);
      samples.disable();
    },
  };
}
