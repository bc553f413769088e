import type { Clock } from "#mesh/clock.ts";
import { retryLater } from "#mesh/errors.ts";
import { fail } from "#mesh/reasons.ts";
import type { Job } from "./work.ts";

/** What waits for the writer, in order, up to a cap (L3). */
export type Queue = {
  /** How many events wait. */
  readonly eventCount: number;
  /** Adds a job at the end; throws OVERLOADED at the cap. */
  add(job: Job): void;
  /** Puts jobs back at the front, in their order: they were taken, and their commit failed. */
  putBack(jobs: readonly Job[]): void;
  /**
   * Takes the next jobs, with about as many events; the first one is taken whatever its size.
   * A job whose caller is gone is dropped (WR-2). One that PostgreSQL has refused comes alone.
   */
  take(maxEvents: number): Job[];
  /** Refuses all that wait. */
  refuse(error: Error): void;
};

/** Makes a queue for so many events. */
export function createQueue(maxEvents: number, clock: Clock): Queue {
  let jobs: Job[] = [];
  let first = 0;
  let eventCount = 0;
  const next = (): Job | undefined => {
    for (; first < jobs.length; first += 1) {
      const job = jobs[first]!;
      if (!isLate(job, clock)) return job;
      eventCount -= job.work.eventCount;
      job.reject(fail("DEADLINE_PASSED"));
    }
    jobs = [];
    first = 0;
    return undefined;
  };
  /** A queue that never runs empty would keep all that it ever had (R3). */
  const forget = () => {
    if (first < MIN_FORGOTTEN || first * 2 < jobs.length) return;
    jobs = jobs.slice(first);
    first = 0;
  };
  return {
    get eventCount() {
      return eventCount;
    },
    add(job) {
      if (eventCount >= maxEvents) throw overloaded();
      jobs.push(job);
      eventCount += job.work.eventCount;
    },
    putBack(returned) {
      jobs = [...returned, ...jobs.slice(first)];
      first = 0;
      for (const { work } of returned) eventCount += work.eventCount;
    },
    take(room) {
      const taken: Job[] = [];
      let left = room;
      for (let job = next(); job !== undefined && left > 0; job = next()) {
        const isAlone = job.refusals > 0;
        if (taken.length > 0 && (isAlone || job.work.eventCount > left)) break;
        taken.push(job);
        first += 1;
        eventCount -= job.work.eventCount;
        left = isAlone ? 0 : left - job.work.eventCount;
      }
      forget();
      return taken;
    },
    refuse(error) {
      for (const job of jobs.slice(first)) job.reject(error);
      jobs = [];
      first = 0;
      eventCount = 0;
    },
  };
}

function isLate({ work: { signal, deadlineMs = Infinity } }: Job, clock: Clock): boolean {
  return signal?.aborted === true || clock.nowMs() >= deadlineMs;
}

function overloaded() {
  return retryLater(fail("OVERLOADED", { resource: "The ledger", retry_ms: retryMs }), retryMs);
}

/** Taken jobs are dropped by so many at least, so that it costs next to nothing. */
const MIN_FORGOTTEN = 1024;

/** By then a full queue has been worked off. */
const retryMs = 1000;
