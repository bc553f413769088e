import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockHome } from "./home-lock.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "mizan-lock-"));
});
afterEach(() => rmSync(home, { recursive: true }));

test("a home that is taken is refused with the process that has it", () => {
  using first = lockHome(home);
  expect(first.takenOver).toBe(false);
  expect(() => lockHome(home)).toThrow(`${home} is running already (process ${process.pid})`);
});

test("a home is free again after its lock is disposed of", () => {
  lockHome(home)[Symbol.dispose]();
  using second = lockHome(home);
  expect(second.takenOver).toBe(false);
});

test("what a killed process left is taken over", () => {
  writeFileSync(join(home, "start.pid"), "4194999 1");
  using lock = lockHome(home);
  expect([lock.takenOver, readFileSync(join(home, "start.pid"), "utf8")]).toEqual([
    true,
    expect.stringMatching(`^${process.pid} `),
  ]);
});

test.runIf(process.platform === "linux")("an id that another process uses now is no owner", () => {
  writeFileSync(join(home, "start.pid"), `${process.pid} 1`);
  using lock = lockHome(home);
  expect(lock.takenOver).toBe(true);
});
