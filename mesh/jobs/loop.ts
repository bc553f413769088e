import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "../database/connect.ts";
import { reasonOf } from "../errors.ts";
import { MAX_JOB_BACKOFF_MS } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { lead, type LeaderWork } from "./leader.ts";

/** Work that comes back. Of several processes of a service one does it at a time. */
export type Job = {
  /** Unique in the service. */
  readonly name: string;
  /** The pause between two runs; a tenth more or less, so that jobs don't run in step. */
  readonly everyMs: number;
  /** Does a bounded piece of work and ends early when the signal aborts. */
  readonly run: LeaderWork;
};

type Means<T> = {
  readonly db: Database<T>;
  readonly log: Log;
  readonly telemetry: Metrics;
};

/**
 * Runs jobs over and over. A run that fails is counted, and the pauses grow until one goes well. It
 * is logged as a warning; as an error from the third in a row on, unless it is OVERLOADED, since
 * work that comes back can wait for a free connection. Disposing of it stops them and waits for the runs under way.
 */
export function startJobs<T>(jobs: readonly Job[], means: Means<T>): AsyncDisposable {
  const stop = new AbortController();
  const loops = jobs.map(async (job) => loop(job, means, stop.signal));
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await Promise.all(loops);
    },
  };
}

async function loop<T>(job: Job, { db, log, telemetry }: Means<T>, signal: AbortSignal) {
  const { name, everyMs, run } = job;
  const runs = telemetry.counter("mizan_job_runs_total", "Runs of jobs by how they ended.");
  let failures = 0;
  while (!signal.aborted) {
    try {
      await lead(db, { name: `job/${name}`, signal }, run);
      failures = 0;
      runs.add({ job: name, outcome: "done" });
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      runs.add({ job: name, outcome: "failed" });
      const isTrouble = failures >= 3 && reasonOf(error) !== "OVERLOADED";
      const record = { err: error, job: name, failures };
      if (isTrouble) log.error(record, "a job failed");
      else log.warn(record, "a job failed");
    }
    await sleep(pauseMs(everyMs, failures), undefined, { signal }).catch(() => {});
  }
}

function pauseMs(everyMs: number, failures: number): number {
  const backoffMs = Math.min(everyMs * 2 ** failures, Math.max(everyMs, MAX_JOB_BACKOFF_MS));
  return backoffMs * (0.9 + Math.random() * 0.2);
}
