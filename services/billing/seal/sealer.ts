import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { SEAL_RESTART_MS, SEAL_STOP_MS } from "#mesh/limits.ts";
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
 * waits for it; a thread that ends untold is followed by another one. It belongs to the process that
 * writes the shard; a second one does no harm.
 */
export function startSealer({ url, shard, log, metrics }: Options): Sealer {
  let state: Progress = { seq: 0, behind: 0, sinceMs: 0 };
  let completeMs = performance.now();
  const hear = (message: SealMessage) => {
    if ("error" in message) {
      log.error({ err: message.error, shard }, "the transfers can't be sealed");
      return;
    }
    state = message.progress;
    if (state.behind === 0) completeMs = performance.now() - state.sinceMs;
  };
  let thread: Worker | undefined;
  const run = async () => {
    thread = new Worker(new URL("seal-thread.ts", import.meta.url), {
      workerData: { url, shard } satisfies Sealed,
    });
    thread.on("message", hear);
    await once(thread, "exit"); // it throws the error that a thread ends by
  };
  const stop = new AbortController();
  const ended = keepRunning(run, stop.signal, (err) => {
    log.error({ err, shard }, "the thread that seals has ended");
  });
  metrics?.watch("mizan_seal_behind_transfers", "Transfers without a seal.", () => state.behind);
  metrics?.watch(
    "mizan_seal_behind_seconds",
    "The time since which transfers may be without a seal.",
    () => (performance.now() - completeMs) / 1000,
  );
  return {
    seq: () => state.seq,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread?.postMessage("stop");
      await Promise.race([ended, sleep(SEAL_STOP_MS, undefined, { ref: false })]);
      await thread?.terminate();
    },
  };
}

/** Runs what ought to end only when it is told to stop, and runs it again when it ends before. */
async function keepRunning(
  run: () => Promise<void>,
  signal: AbortSignal,
  failed: (error?: Error) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await run();
      if (!signal.aborted) failed();
    } catch (error) {
      failed(error as Error);
    }
    await sleep(SEAL_RESTART_MS, undefined, { signal }).catch(() => {});
  }
}
