import {
  closeSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLog, tailOf } from "./log-file.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mizan-log-"));
  file = join(folder, "core.log");
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(text: string, fresh: boolean): void {
  const log = openLog(file, fresh);
  writeSync(log, text);
  closeSync(log);
}

test("a process that is started again writes on; a new stack begins anew", () => {
  write("one\n", true);
  write("two\n", false);
  write("three\n", true);
  expect([readFileSync(file, "utf8"), readFileSync(`${file}.1`, "utf8")]).toEqual([
    "three\n",
    "one\ntwo\n",
  ]);
});

test("a log that has grown too large is put aside at the next start of its process", () => {
  write("one\n", true);
  truncateSync(file, 65 * 1024 * 1024);
  write("two\n", false);
  expect([readFileSync(file, "utf8"), statSync(`${file}.1`).size]).toEqual([
    "two\n",
    65 * 1024 * 1024,
  ]);
});

test("nobody else can read a log", () => {
  write("one\n", true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("the tail has the last lines, and a log that is not there has none", () => {
  write("one\ntwo\nthree\n", true);
  expect([tailOf(file, 2), tailOf(join(folder, "none.log"), 2)]).toEqual(["two\nthree", ""]);
});
