import type { Clock } from "#mesh/clock.ts";
import { retryLater } from "#mesh/errors.ts";
import { fail } from "#mesh/reasons.ts";
import type { Job } from "./work.ts";

/** What waits for the writer, in order, up to a cap (L3). */
export type Queue = {
  /** How many commands wait. */
  readonly commandCount: number;
  /** Adds a job at the end; throws OVERLOADED at the cap. */
  add(job: Job): void;
  /** Puts jobs back at the front, in their order: they were taken, and their batch is not journaled. */
  putBack(jobs: readonly Job[]): void;
  /**
   * Takes the next job if it has no more than so many commands; undefined when none does. A job
   * whose caller is gone is dropped.
   */
  take(mostCommands: number): Job | undefined;
  /** All that wait, in order. */
  all(): readonly Job[];
  /** Refuses all that wait. */
  refuse(error: Error): void;
};

/** Makes a queue for so many commands. */
export function createQueue(maxCommands: number, clock: Clock): Queue {
  let jobs: Job[] = [];
  let first = 0;
  let commandCount = 0;
  const drop = () => {
    commandCount -= jobs[first]!.count;
    first += 1;
    if (first === jobs.length || (first >= MIN_FORGOTTEN && first * 2 >= jobs.length)) {
      jobs = jobs.slice(first); // one that never runs empty would keep all that it ever had (R3)
      first = 0;
    }
  };
  return {
    get commandCount() {
      return commandCount;
    },
    add(job) {
      if (commandCount >= maxCommands) throw overloaded();
      jobs.push(job);
      commandCount += job.count;
    },
    putBack(returned) {
      jobs = [...returned, ...jobs.slice(first)];
      first = 0;
      for (const { count } of returned) commandCount += count;
    },
    take(most) {
      for (let job = jobs[first]; job !== undefined; job = jobs[first]) {
        const isGone = isLate(job, clock);
        if (!isGone && job.count > most) return undefined;
        drop();
        if (!isGone) return job;
        job.reject(fail("DEADLINE_PASSED"));
      }
      return undefined;
    },
    all: () => jobs.slice(first),
    refuse(error) {
      for (const job of jobs.slice(first)) job.reject(error);
      jobs = [];
      first = 0;
      commandCount = 0;
    },
  };
}

function isLate({ bounds: { signal, deadlineMs = Infinity } }: Job, clock: Clock): boolean {
  return signal?.aborted === true || clock.nowMs() >= deadlineMs;
}

function overloaded() {
  return retryLater(fail("OVERLOADED", { resource: "The exchange", retry_ms: retryMs }), retryMs);
}

/** Taken jobs are dropped by so many at least, so that it costs next to nothing. */
const MIN_FORGOTTEN = 1024;

/** By then a full queue has been worked off. */
const retryMs = 1000;
