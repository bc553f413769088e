import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Job } from "#mesh/jobs/loop.ts";
import { AUDIT_RESTART_MS, AUDIT_STOP_MS } from "#mesh/limits.ts";
import type { Log } from "#mesh/log.ts";
import type { Metrics } from "#mesh/metrics.ts";
import { auditFigures } from "./figures.ts";
import type { Audited } from "./keep-auditing.ts";

/** Which shard is audited, and who hears of it. */
type Options = Omit<Audited, "lease"> & { readonly log: Log; readonly metrics: Metrics };

/**
 * Audits the books of a shard all the time, on a thread of its own with connections of its own, so
 * that nobody waits for it. Of several processes one does it; the next one begins anew.
 */
export function auditJob({ url, shard, log, metrics }: Options): Job {
  const hear = auditFigures(metrics, log);
  return {
    name: "audit",
    everyMs: AUDIT_RESTART_MS,
    run: async (signal, lease) => {
      if (signal.aborted) return;
      const thread = new Worker(new URL("audit-thread.ts", import.meta.url), {
        workerData: { url, shard, lease } satisfies Audited,
      });
      thread.on("message", hear);
      const ended = new Promise<void>((resolve, reject) => {
        thread.once("error", reject);
        thread.once("exit", () => resolve());
      });
      const stop = () => void end(thread, ended);
      signal.addEventListener("abort", stop, { once: true });
      try {
        await ended;
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },
  };
}

/** Lets the thread end by itself, for a while. */
async function end(thread: Worker, ended: Promise<void>): Promise<void> {
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  thread.postMessage("stop");
  await Promise.race([ended.catch(() => {}), sleep(AUDIT_STOP_MS, undefined, { ref: false })]);
  await thread.terminate();
}
