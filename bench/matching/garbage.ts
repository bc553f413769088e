import { GCProfiler, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { applyAll, filled } from "./engine-run.ts";
import type { Logs } from "./logs.ts";

/** Counts the collections of young objects while the commands of a log are applied. */
export function countScavenges(logs: Logs): number {
  const engine = filled(logs);
  const profiler = new GCProfiler();
  collectGarbage();
  profiler.start();
  applyAll(engine, logs.measured);
  const { statistics } = profiler.stop();
  return statistics.filter(({ gcType }) => gcType === "Scavenge").length;
}

/** How much memory is in use, garbage left out: the heap and the typed arrays beside it. */
export function bytesInUse(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Twice: what is freed by the first has finalizers. */
function collectGarbage(): void {
  collect();
  collect();
}
