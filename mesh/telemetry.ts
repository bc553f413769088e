import { type Code } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { collectDefaultMetrics, Registry } from "prom-client";
import { watchEventLoop } from "./event-loop.ts";
import { CALL_SECONDS } from "./limits.ts";
import { createMetrics, type Metrics } from "./metrics.ts";

/** The figures of a process, in the words of Prometheus. */
export type Telemetry = Disposable &
  Metrics & {
    /** Counts a call that ended and how long it took; no code means that it went well. */
    readonly observe: (method: string, code: Code | undefined, seconds: number) => void;
    /** Counts a call as under way until the result is called, which then observes it. */
    readonly begin: (method: string) => (code?: Code) => void;
    /** How many calls are under way. */
    readonly inFlight: () => number;
    /** How late the event loop is at the 99th percentile of the last two seconds (R2). */
    readonly eventLoopDelayP99Ms: () => number;
    /** The part of the last two seconds that the event loop worked, from 0 to 1. */
    readonly eventLoopUtilization: () => number;
    /** All of it in the text format, with the format's media type. */
    readonly page: () => Promise<{ readonly type: string; readonly text: string }>;
  };

/** Makes the figures of a process, with those of Node itself among them. */
export function createTelemetry(service: string): Telemetry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const loop = watchEventLoop();
  const metrics = createMetrics(registry);
  const calls = callsOf(metrics);
  const lateSeconds = () => loop.p99Ms() / 1000;
  metrics.watch("mizan_event_loop_delay_p99_seconds", "How late the loop is (R2).", lateSeconds);
  return {
    ...calls,
    ...metrics,
    eventLoopDelayP99Ms: loop.p99Ms,
    eventLoopUtilization: loop.utilization,
    page: async () => ({ type: registry.contentType, text: await registry.metrics() }),
    [Symbol.dispose]: () => {
      loop[Symbol.dispose]();
      registry.clear();
    },
  };
}

/** Rate, errors and duration of every method. */
function callsOf({ counter, histogram, watch }: Metrics) {
  let running = 0;
  const ended = counter("mizan_calls_total", "Calls that ended, by method and code.");
  const seconds = histogram("mizan_call_seconds", "How long calls took.", CALL_SECONDS);
  watch("mizan_calls_in_flight", "Calls that are under way.", () => running);
  const observe = (method: string, code: Code | undefined, took: number) => {
    ended.add({ method, code: code === undefined ? "ok" : codeToString(code) });
    seconds.observe(took, { method });
  };
  const begin = (method: string) => {
    const start = performance.now();
    running += 1;
    return (code?: Code) => {
      running -= 1;
      observe(method, code, (performance.now() - start) / 1000);
    };
  };
  return { observe, begin, inFlight: () => running };
}
