import { setTimeout as delay } from "node:timers/promises";
import type { LocalProcess } from "#mesh/local/process.ts";

/** A program to keep running. */
export type Part = { readonly name: string; start(): Promise<LocalProcess> };

/** Hears of every process that starts, with undefined while there is none, and of every crash. */
export type Watch = {
  started(name: string, pid: number | undefined): void;
  crashed(name: string, text: string): void;
};

/** A program that is kept running until it is stopped. */
export type Supervised = { readonly name: string; stop(): Promise<void> };

/**
 * Starts a program and starts it again whenever it ends by itself (R1): the first time after
 * 100 ms, then ever later up to 5 s, until it has lived for 10 s. Rejects when the first start does.
 */
export async function supervise(part: Part, watch: Watch): Promise<Supervised> {
  const stopping = new AbortController();
  const stopped = stopping.signal;
  let running: LocalProcess | undefined = await part.start();
  watch.started(part.name, running.pid);
  const kept = keep(running);

  async function keep(first: LocalProcess): Promise<void> {
    let crashes = 0;
    for (let current: LocalProcess | undefined = first; current !== undefined;) {
      const startedMs = performance.now();
      const how = await current.exited;
      running = undefined;
      if (stopped.aborted) return;
      watch.started(part.name, undefined);
      crashes = performance.now() - startedMs > CALM_MS ? 1 : crashes + 1;
      watch.crashed(part.name, how);
      current = await startAgain(crashes);
    }
  }

  async function startAgain(crashes: number): Promise<LocalProcess | undefined> {
    for (let tries = crashes; await waited(tries, stopped); tries++) {
      try {
        running = await part.start();
        watch.started(part.name, running.pid);
        if (stopped.aborted) await running[Symbol.asyncDispose]();
        return running;
      } catch (error) {
        watch.crashed(part.name, `it did not start: ${(error as Error).message}`);
      }
    }
    return undefined;
  }

  return {
    name: part.name,
    async stop() {
      stopping.abort();
      await running?.[Symbol.asyncDispose]();
      await kept;
      watch.started(part.name, undefined);
    },
  };
}

/** How long a program has to live until its crashes are forgotten. */
const CALM_MS = 10_000;

/** Waits before the next start; false when nothing is to be started any more. */
function waited(crashes: number, signal: AbortSignal): Promise<boolean> {
  const waitMs = Math.min(100 * 2 ** (crashes - 1), 5000);
  return delay(waitMs, true, { signal }).catch(() => false);
}
