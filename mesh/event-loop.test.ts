import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { watchEventLoop } from "./event-loop.ts";

test("R2 a stall of the event loop shows, and is forgotten a window later", async () => {
  using loop = watchEventLoop(200);
  await pause(50);
  const end = performance.now() + 120;
  while (performance.now() < end);
  await pause(180); // the window that holds the stall is over
  expect(loop.p99Ms()).toBeGreaterThan(50);
  await expect.poll(() => loop.p99Ms(), { timeout: 5000 }).toBeLessThan(50);
});
