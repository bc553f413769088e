import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { SEAL_STOP_MS } from "#mesh/limits.ts";
import type { Log } from "#mesh/log.ts";
import type { Metrics } from "#mesh/metrics.ts";
import type { Progress, Sealed, SealMessage } from "./keep-sealing.ts";

/** Seals a shard; disposing of it seals what is committed by then, and ends. */
export type Sealer = AsyncDisposable & {
  /** The number of the last transfer that is sealed. */
  readonly seq: () => number;
};

type Options = Sealed & { readonly log: Log; readonly metrics?: Metrics };

/**
 * Starts to seal a shard (WR-9), on a thread of its own with a connection of its own, so that nobody
 * waits for it. It belongs to the process that writes the shard; a second one does no harm.
 */
export function startSealer({ url, shard, log, metrics }: Options): Sealer {
  const thread = new Worker(new URL("seal-thread.ts", import.meta.url), {
    workerData: { url, shard } satisfies Sealed,
  });
  let state: Progress = { seq: 0, behind: 0, sinceMs: 0 };
  let completeMs = performance.now();
  thread.on("message", (message: SealMessage) => {
    if ("error" in message) {
      log.error({ err: message.error, shard }, "the transfers can't be sealed");
      return;
    }
    state = message.progress;
    if (state.behind === 0) completeMs = performance.now() - state.sinceMs;
  });
  thread.on("error", (err) => log.error({ err, shard }, "the thread that seals has ended"));
  const ended = new Promise<void>((resolve) => void thread.once("exit", () => resolve()));
  metrics?.watch("mizan_seal_behind_transfers", "Transfers without a seal.", () => state.behind);
  metrics?.watch(
    "mizan_seal_behind_seconds",
    "The time since which transfers may be without a seal.",
    () => (performance.now() - completeMs) / 1000,
  );
  return {
    seq: () => state.seq,
    [Symbol.asyncDispose]: async () => {
      // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread.postMessage("stop");
      await Promise.race([ended, sleep(SEAL_STOP_MS, undefined, { ref: false })]);
      await thread.terminate();
    },
  };
}
