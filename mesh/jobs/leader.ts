import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "../database/connect.ts";
import { LEASE_MS } from "../limits.ts";
import { endLease, type Lease, renewLease, takeLease } from "./lease.ts";

/** What the leader does; the signal aborts when the lease is lost or the process stops. */
export type LeaderWork = (signal: AbortSignal, lease: Lease) => Promise<void>;

/** What is led, and when to stop. */
type Led = { readonly name: string; readonly signal: AbortSignal };

/**
 * Does work unless another process is at it under the same name. The lease is renewed for as long
 * as the work takes; whoever can't renew it hears of it before another can take it over.
 */
export async function lead<T>(db: Database<T>, led: Led, work: LeaderWork): Promise<void> {
  const sentMs = performance.now();
  const lease = await takeLease(db, led.name);
  if (lease === undefined) return;
  const lost = new AbortController();
  const done = new AbortController();
  const renewal = renew(db, lease, { sentMs, lost, done: done.signal });
  try {
    await work(AbortSignal.any([led.signal, lost.signal]), lease);
  } finally {
    done.abort();
    await renewal;
    await endLease(db, lease);
  }
}

type Term = {
  /** When the lease was asked for, by the monotonic clock: it lasts no longer than from there. */
  readonly sentMs: number;
  readonly lost: AbortController;
  readonly done: AbortSignal;
};

/** Renews a lease, three times in its life, until the work is done or the lease is lost. */
async function renew<T>(db: Database<T>, lease: Lease, { sentMs, lost, done }: Term) {
  const abort = () => lost.abort(new Error(`the lease ${lease.name} is lost`));
  const lostAfter = (ms: number) => setTimeout(abort, ms - performance.now() + LEASE_MS);
  let watchdog = lostAfter(sentMs);
  while (!done.aborted && !lost.signal.aborted) {
    await sleep(LEASE_MS / 3, undefined, { signal: done }).catch(() => {});
    if (done.aborted) break;
    const startMs = performance.now();
    const renewed = await renewLease(db, lease).catch(() => undefined); // unknown: the time tells
    if (renewed === false) abort();
    if (renewed !== true) continue;
    clearTimeout(watchdog);
    watchdog = lostAfter(startMs);
  }
  clearTimeout(watchdog);
}
