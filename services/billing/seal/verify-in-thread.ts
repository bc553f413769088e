import { Worker } from "node:worker_threads";
import type { TokenKey } from "#mesh/token-keys.ts";
import type { Verdict } from "../domain/chain.ts";

/** Which chain to verify, and the public keys that prove its heads. */
export type ToVerify = {
  readonly url: string;
  readonly shard: number;
  readonly keys: readonly TokenKey[];
};

/**
 * Verifies a chain on a thread of its own with a connection of its own, so that nobody waits for it.
 * Throws the reason of the signal when that aborts.
 */
export async function verifyInThread(chain: ToVerify, signal?: AbortSignal): Promise<Verdict> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Verdict>();
  const thread = new Worker(new URL("verify-thread.ts", import.meta.url), { workerData: chain });
  const abort = () => reject(signal?.reason as Error);
  signal?.addEventListener("abort", abort, { once: true });
  thread.once("message", resolve);
  thread.once("error", reject);
  thread.once("exit", () => reject(new Error("the verification has ended without a verdict")));
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", abort);
    await thread.terminate();
  }
}
