import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { layoutOf } from "./layout.ts";
import { watchParts } from "./watch-parts.ts";

const home = mkdtempSync(join(tmpdir(), "mizan-watch-"));
const layout = layoutOf(home, 0);
mkdirSync(join(home, "logs"));
afterAll(() => rmSync(home, { recursive: true }));

test("a part that never comes up ends the start, with the end of its log", () => {
  writeFileSync(layout.logOf("core"), "a first line\nDATABASE_URL is missing\n");
  const watch = watchParts(layout, () => undefined);
  for (let crash = 1; crash <= 3; crash++) {
    expect(watch.failed.aborted).toBe(false);
    watch.crashed("core", "exit code 1");
  }
  expect(() => watch.failed.throwIfAborted()).toThrow(
    /core can't start \(exit code 1\).*core\.log:\na first line\nDATABASE_URL is missing/,
  );
});

test("crashes after everything was up are told and end nothing", () => {
  const told: string[] = [];
  const watch = watchParts(layout, (text) => told.push(text));
  watch.onChange(() => undefined);
  for (let crash = 1; crash <= 5; crash++) watch.crashed("billing", "SIGKILL");
  expect([watch.failed.aborted, told.length, told[0]]).toEqual([
    false,
    5,
    "billing has ended by itself (SIGKILL) and is started again.",
  ]);
});

test("the process ids are those that run now", () => {
  const seen: Record<string, number>[] = [];
  const watch = watchParts(layout, () => undefined);
  watch.started("core", 1);
  watch.onChange(() => seen.push(watch.pids()));
  watch.started("core", undefined);
  watch.started("core", 2);
  expect(seen).toEqual([{ core: 1 }, {}, { core: 2 }]);
});
