import { setImmediate } from "node:timers/promises";
import { Registry } from "prom-client";
import { afterAll, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { createMetrics } from "../metrics.ts";
import { fail } from "../reasons.ts";
import { testDatabase } from "../testing/postgres.ts";
import { startJobs } from "./loop.ts";

const db = await testDatabase();

afterAll(async () => db[Symbol.asyncDispose]());

function means() {
  const lines: string[] = [];
  const to = { write: (line: string) => lines.push(line) };
  const registry = new Registry();
  const telemetry = createMetrics(registry);
  return { db, log: createLog({ name: "test", level: "info", to }), telemetry, lines, registry };
}

test("a job comes back until it is stopped", async () => {
  const twice = Promise.withResolvers<void>();
  let runs = 0;
  const run = async () => {
    runs += 1;
    if (runs === 2) twice.resolve();
  };
  await using jobs = startJobs([{ name: "count", everyMs: 1, run }], means());
  await twice.promise;
  await jobs[Symbol.asyncDispose]();
  const stoppedAt = runs;
  await setImmediate();
  expect(runs).toBe(stoppedAt);
});

test("a run that fails is logged and counted, and the job comes back", async () => {
  const recovered = Promise.withResolvers<void>();
  const { lines, registry, ...rest } = means();
  let runs = 0;
  const run = async () => {
    runs += 1;
    if (runs === 1) throw new Error("no luck");
    recovered.resolve();
  };
  await using jobs = startJobs([{ name: "recover", everyMs: 1, run }], rest);
  await recovered.promise;
  await jobs[Symbol.asyncDispose]();
  expect(lines.join("")).toContain("no luck");
  expect(await registry.metrics()).toContain('{job="recover",outcome="failed"} 1');
});

test.each([
  [
    "a failure is an error from the third in a row on",
    new Error("no luck"),
    ["warn", "warn", "error", "error"],
  ],
  [
    "a run that finds no connection free is a warning however often",
    fail("OVERLOADED", { resource: "postgres", retry_ms: 1 }),
    ["warn", "warn", "warn", "warn"],
  ],
])("%s", async (_title, failure, levels) => {
  const recovered = Promise.withResolvers<void>();
  const { lines, registry, ...rest } = means();
  let runs = 0;
  const run = async () => {
    runs += 1;
    if (runs <= 4) throw failure;
    recovered.resolve();
  };
  await using jobs = startJobs([{ name: "fragile", everyMs: 1, run }], rest);
  await recovered.promise;
  await jobs[Symbol.asyncDispose]();
  expect(lines.map((line) => (JSON.parse(line) as { level: unknown }).level)).toEqual(levels);
  expect(await registry.metrics()).toContain('{job="fragile",outcome="failed"} 4');
});

test("stopping waits for the run under way, which is told to end", async () => {
  const started = Promise.withResolvers<void>();
  let ended = false;
  const run = async (signal: AbortSignal) => {
    started.resolve();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    ended = true;
  };
  const jobs = startJobs([{ name: "long", everyMs: 1, run }], means());
  await started.promise;
  await jobs[Symbol.asyncDispose]();
  expect(ended).toBe(true);
});

test("of several processes one runs a job at a time", async () => {
  let running = 0;
  let most = 0;
  let runs = 0;
  const enough = Promise.withResolvers<void>();
  const run = async () => {
    running += 1;
    most = Math.max(most, running);
    await db.ping();
    running -= 1;
    runs += 1;
    if (runs === 20) enough.resolve();
  };
  const job = { name: "shared", everyMs: 1, run };
  await using processes = new AsyncDisposableStack();
  for (let count = 0; count < 3; count += 1) processes.use(startJobs([job], means()));
  await enough.promise;
  expect(most).toBe(1);
});
