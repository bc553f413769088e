import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { settings } from "./config.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

function read(text: string, mode = 0o600) {
  const path = join(folder.path, "admin.json");
  writeFileSync(path, text);
  chmodSync(path, mode);
  return settings.firstAdmin.read({ MIZAN_ADMIN_FILE: path })?.();
}

test("the first administrator is read from a file", () => {
  const admin = { username: "admin", password: "a long way to go" };
  expect(read(JSON.stringify(admin))).toEqual(admin);
});

test("no file names nobody", () => {
  expect(settings.firstAdmin.read({})).toBeUndefined();
});

test.each([
  ["no JSON", "secret"],
  ["no object", "[]"],
  ["nothing", "null"],
  ["no password", '{"username": "admin"}'],
  ["a name that nobody could log in with", '{"username": "a b", "password": "secret"}'],
])("S12 a file with %s is refused without a piece of it", (_, text) => {
  expect(() => read(text)).toThrow("must name a file like");
  expect(() => read(text)).not.toThrow("secret");
});

test("S15 a file that everybody may read is refused", () => {
  expect(() => read('{"username": "admin", "password": "x"}', 0o644)).toThrow("everybody");
});
