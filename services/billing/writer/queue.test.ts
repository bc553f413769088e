import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { createQueue } from "./queue.ts";
import type { Job } from "./work.ts";

const clock = { nowMs: () => 1000, monotonicMs: () => 0 };

function jobOf(eventCount: number, rest: Partial<Job["work"]> & { refusals?: number } = {}) {
  const refused: unknown[] = [];
  const { refusals = 0, ...work } = rest;
  const reject = (error: unknown) => void refused.push(reasonOf(error));
  const job: Job = {
    work: { eventCount, decide: () => {}, ...work },
    resolve() {},
    reject,
    refusals,
  };
  return { job, refused };
}

function caught(run: () => void): string | undefined {
  try {
    run();
  } catch (error) {
    return reasonOf(error);
  }
  return undefined;
}

test("L3 a full queue refuses, and takes again when there is room", () => {
  const queue = createQueue(10, clock);
  queue.add(jobOf(9).job);
  queue.add(jobOf(9).job); // the cap is looked at before, so that a large request is not refused for ever
  expect(caught(() => queue.add(jobOf(1).job))).toBe("OVERLOADED");
  queue.take(9);
  queue.add(jobOf(1).job);
  expect(queue.eventCount).toBe(10);
});

test("jobs are taken in their order, as many as there is room for, and one in any case", () => {
  const queue = createQueue(100, clock);
  const jobs = [5, 3, 4, 50].map((eventCount) => jobOf(eventCount).job);
  for (const job of jobs) queue.add(job);
  expect(queue.take(8)).toEqual([jobs[0], jobs[1]]);
  expect(queue.take(8)).toEqual([jobs[2]]);
  expect(queue.take(8)).toEqual([jobs[3]]);
  expect([queue.take(8), queue.eventCount]).toEqual([[], 0]);
});

test("WR-2 work whose caller is gone is dropped when its turn comes", () => {
  const queue = createQueue(100, clock);
  const [late, gone] = [jobOf(1, { deadlineMs: 1000 }), jobOf(1, { signal: AbortSignal.abort() })];
  const waiting = jobOf(1, { deadlineMs: 1001 });
  for (const { job } of [late, gone, waiting]) queue.add(job);
  expect(queue.take(8)).toEqual([waiting.job]);
  expect([late.refused, gone.refused]).toEqual([["DEADLINE_PASSED"], ["DEADLINE_PASSED"]]);
  expect(queue.eventCount).toBe(0);
});

test("what is put back is taken first, in its old order", () => {
  const queue = createQueue(100, clock);
  const jobs = [1, 1, 1, 1].map((eventCount) => jobOf(eventCount).job);
  for (const job of jobs) queue.add(job);
  const taken = queue.take(2);
  queue.putBack(taken);
  expect([queue.eventCount, queue.take(8)]).toEqual([4, jobs]);
});

test("a job that PostgreSQL has refused comes alone", () => {
  const queue = createQueue(100, clock);
  const jobs = [jobOf(1), jobOf(1, { refusals: 1 }), jobOf(1)].map(({ job }) => job);
  for (const job of jobs) queue.add(job);
  expect([queue.take(8), queue.take(8), queue.take(8)]).toEqual(jobs.map((job) => [job]));
});

test("R3 a queue that never runs empty forgets what was taken", async () => {
  const queue = createQueue(10_000, clock);
  const add = () => {
    const { job } = jobOf(1);
    queue.add(job);
    return new WeakRef(job);
  };
  const taken = Array.from({ length: 3000 }, add).slice(0, 2000);
  queue.take(2000);
  await setImmediate(); // within a turn of the event loop, whatever was seen through a WeakRef stays
  collectGarbage();
  expect(queue.eventCount).toBe(1000);
  expect(taken.filter((job) => job.deref() !== undefined).length).toBeLessThan(10);
});

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
