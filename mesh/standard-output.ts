import { writeSync } from "node:fs";
import { LOG_BUFFER_BYTES, LOG_FLUSH_MS, LOG_WRITE_MS } from "./limits.ts";
import type { Lines } from "./log.ts";

/**
 * Writes lines to standard output, many at a time. A reader that is slow is waited for, for a
 * bounded time; one that is gone is written to no more, so that its end is not ours: what pino
 * brings for this tries for ever then. Losing lines is better than not stopping.
 */
export function standardOutput(fd = 1): Lines & { readonly flushSync: () => void } {
  let waiting = "";
  let isGone = false;
  const flushSync = () => {
    const bytes = Buffer.from(waiting);
    waiting = "";
    if (!isGone) isGone = !writeAll(fd, bytes);
  };
  setInterval(flushSync, LOG_FLUSH_MS).unref();
  process.on("exit", flushSync);
  const write = (line: string) => {
    waiting += line;
    if (waiting.length >= LOG_BUFFER_BYTES) flushSync();
  };
  return { write, flushSync };
}

/** Tells whether there is still a reader. */
function writeAll(fd: number, bytes: Uint8Array): boolean {
  const endMs = performance.now() + LOG_WRITE_MS;
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return false;
      if (performance.now() > endMs) return true; // it reads, but not as fast as we write
      Atomics.wait(sleeper, 0, 0, 5);
    }
  }
  return true;
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
