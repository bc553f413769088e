import { create } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Lease } from "#mesh/jobs/lease.ts";
import { outboxRow } from "../events/outbox.ts";
import type { Looked } from "../events/waker.ts";
import { steadily } from "./steadily.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const lease: Lease = { name: "test", token: 1 };
const usual = 20;
const most = 200;

/** Runs a job, and tells when it looked, in milliseconds from its start. */
function running(found: (count: number) => Looked = () => undefined) {
  const stop = new AbortController();
  const startMs = Date.now();
  const atMs: number[] = [];
  const pass = async () => found(atMs.push(Date.now() - startMs));
  const { run, stir } = steadily("test", { usual, most }, pass);
  const ended = run(stop.signal, lease);
  const end = async () => {
    stop.abort();
    await ended;
  };
  return { atMs, stir, [Symbol.asyncDispose]: end };
}

/** The pauses between looks. */
function pausesOf(atMs: readonly number[]): number[] {
  return atMs.slice(1).map((one, index) => one - atMs[index]!);
}

test("a steady job looks again at once while there may be more, and after a pause else", async () => {
  await using job = running((count) => count < 3);
  await vi.advanceTimersByTimeAsync(2 * usual);
  expect(job.atMs).toEqual([0, 0, 0, usual, 2 * usual]);
});

test("the pauses grow while there is nothing, and are as usual once something is found", async () => {
  const found = { now: false };
  await using job = running(() => (found.now ? false : undefined));
  await vi.advanceTimersByTimeAsync(8000);
  const growing = pausesOf(job.atMs);
  expect([growing[0], growing.at(-1), Math.max(...growing)]).toEqual([usual, most, most]);
  found.now = true;
  await vi.advanceTimersByTimeAsync(most);
  const before = job.atMs.length;
  await vi.advanceTimersByTimeAsync(10 * usual);
  expect(job.atMs.length - before).toBe(10);
});

const event = { key: "k", message: create(StringValueSchema, { value: "text" }) };
test.each([
  ["is told of work", (stir: () => void) => stir()],
  ["writes an event", () => void outboxRow(StringValueSchema, event)],
])("a steady job that rests looks at once when its process %s", async (_what, tell) => {
  await using job = running();
  await vi.advanceTimersByTimeAsync(8000);
  await vi.advanceTimersByTimeAsync(job.atMs.at(-1)! + most - 8000); // it has just looked
  await vi.advanceTimersByTimeAsync(3 * usual);
  const before = job.atMs.length;
  tell(job.stir);
  await vi.advanceTimersByTimeAsync(0);
  expect(job.atMs.length).toBe(before + 1);
  await vi.advanceTimersByTimeAsync(usual);
  expect(job.atMs.length).toBe(before + 2);
});

test("news that come all the time don't make a steady job look more often than usual", async () => {
  await using job = running(() => false);
  for (let ms = 0; ms < 10 * usual; ms += 1) {
    job.stir();
    await vi.advanceTimersByTimeAsync(1);
  }
  expect(job.atMs.length).toBe(11);
});

test("a steady job ends at once when it loses its lease", async () => {
  const stop = new AbortController();
  const { run } = steadily("test", { usual, most }, async () => false);
  const ended = run(stop.signal, lease);
  await vi.advanceTimersByTimeAsync(1);
  stop.abort();
  await ended;
  expect(vi.getTimerCount()).toBe(0);
});

test("what a pass throws ends the run", async () => {
  const pass = async () => {
    throw new Error("no luck");
  };
  const { signal } = new AbortController();
  await expect(steadily("test", { usual, most }, pass).run(signal, lease)).rejects.toThrow(
    "no luck",
  );
});
