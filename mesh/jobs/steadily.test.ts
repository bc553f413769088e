import { expect, test } from "vitest";
import type { Lease } from "#mesh/jobs/lease.ts";
import { steadily } from "./steadily.ts";

const lease: Lease = { name: "test", token: 1 };

test("a steady job looks again at once while there may be more, and after a pause else", async () => {
  const stop = new AbortController();
  const pausesMs: number[] = [];
  let lastMs = performance.now();
  let passes = 0;
  const pass = async () => {
    pausesMs.push(performance.now() - lastMs);
    lastMs = performance.now();
    passes += 1;
    if (passes === 4) stop.abort();
    return passes < 3;
  };
  await steadily("test", 300, pass).run(stop.signal, lease);
  expect(passes).toBe(4);
  expect(Math.max(...pausesMs.slice(0, 3))).toBeLessThan(290);
  expect(pausesMs[3]).toBeGreaterThanOrEqual(290);
});

test("a steady job ends at once when it loses its lease", async () => {
  const stop = new AbortController();
  const pass = async () => {
    setImmediate(() => stop.abort());
    return false;
  };
  await steadily("test", 1_000_000, pass).run(stop.signal, lease);
  expect(stop.signal.aborted).toBe(true);
});

test("what a pass throws ends the run", async () => {
  const pass = async () => {
    throw new Error("no luck");
  };
  const { signal } = new AbortController();
  await expect(steadily("test", 1, pass).run(signal, lease)).rejects.toThrow("no luck");
});
