import { CommandReader } from "../../services/matching/domain/command-log.ts";
import { CommandRecord } from "../../services/matching/domain/command-record.ts";
import { EventLog } from "../../services/matching/domain/event-log.ts";
import { BATCH, filled, START_MS } from "./engine-run.ts";
import type { Logs } from "./logs.ts";

/** Shares of the commands, and how their row says it. */
const percentiles = [
  [0.5, "p50"],
  [0.99, "p99"],
  [0.999, "p99.9"],
  [0.9999, "p99.99"],
] as const;

/** The rows of `measureLatency`. */
export const latencyRows = percentiles.map(([, name]) => `latency of a command, ${name}`);

/**
 * Reads the clock before and after each command of a log, with events but without what is made of
 * them; in microseconds, the reading of the clock included.
 */
export function measureLatency(logs: Logs): Record<string, number> {
  const engine = filled(logs);
  const tookMs = new Float64Array(logs.count);
  const reader = new CommandReader(logs.measured);
  const [record, events] = [new CommandRecord(), new EventLog()];
  for (let at = 0; reader.next(record); at += 1) {
    if (at % BATCH === 0) events.clear();
    const atMs = START_MS + Math.floor(at / BATCH);
    const startMs = performance.now();
    engine.apply(record, atMs, events);
    tookMs[at] = performance.now() - startMs;
  }
  tookMs.sort();
  const at = (share: number) => tookMs[Math.ceil(share * tookMs.length) - 1]! * 1000;
  return Object.fromEntries(percentiles.map(([share], row) => [latencyRows[row]!, at(share)]));
}
