import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "./loop.ts";
import { STEADY_RUN_MS } from "../limits.ts";

/**
 * A job that looks again and again under one lease: at once while a pass says that there may be
 * more, else after `idleMs`. A pass is a bounded piece of work; what it throws ends the run.
 */
export function steadily(
  name: string,
  idleMs: number,
  pass: (signal: AbortSignal) => Promise<boolean>,
): Job {
  const run = async (signal: AbortSignal) => {
    const endMs = performance.now() + STEADY_RUN_MS;
    while (!signal.aborted && performance.now() < endMs) {
      const mayBeMore = await pass(signal);
      if (!mayBeMore) await sleep(idleMs, undefined, { signal }).catch(() => {});
    }
  };
  return { name, everyMs: idleMs, run };
}
