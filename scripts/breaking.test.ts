import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = resolve("scripts/breaking.ts");
const printed = "node_modules/.cache/proto";
const [text, number] = ["string name = 1;", "int32 name = 1;"];

let repository: string;

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), "mizan-breaking-"));
  cpSync(printed, join(repository, printed), { recursive: true });
  cpSync("buf.yaml", join(repository, "buf.yaml"));
  writeFileSync(join(repository, ".gitignore"), "node_modules\n");
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.email", "test@example.com");
  git("config", "user.name", "Test");
});
afterEach(() => rmSync(repository, { recursive: true }));

test("without an earlier contract there is nothing to break", () => {
  expect(check()).toEqual([0, "There is no earlier contract to compare with.\n"]);
  commit("Begin", text);
  expect(check()).toEqual([0, "There is no earlier contract to compare with.\n"]);
});

test("on main the last change of the contract counts, whatever came after it", () => {
  commit("Begin", text);
  commit("Break it", number);
  commit("Write a note");
  const [status, output] = check();
  expect(status).not.toBe(0);
  expect(output).toMatch(/proto\/a\/v1\/a.proto:\d+:\d+:Field "1".*changed type/);
  expect(output).toContain("breaks callers of");
});

test("on main a change that adds passes", () => {
  commit("Begin", text);
  commit("Add", `${text} string more = 2;`);
  expect(check()).toMatchObject([0, expect.stringMatching(/breaks nothing of \w+ Begin/)]);
});

test("what is not committed yet is compared with the last commit", () => {
  commit("Begin", text);
  change(number);
  expect(check()[0]).not.toBe(0);
  change(`${text} string more = 2;`);
  expect(check()[0]).toBe(0);
});

test("a branch is compared with where it left main, over all of its commits", () => {
  commit("Begin", text);
  git("checkout", "--quiet", "-b", "work");
  commit("Break it", number);
  commit("Add", `${number} string more = 2;`);
  expect(check()).toMatchObject([expect.not.toSatisfy(isZero), expect.stringContaining("Begin")]);
});

test("a fresh clone of main is checked, and one without history passes", () => {
  commit("Begin", text);
  commit("Break it", number);
  const clone = (name: string, ...options: string[]) => {
    const folder = join(repository, name);
    git("clone", "--quiet", ...options, `file://${repository}`, folder);
    cpSync(printed, join(folder, printed), { recursive: true });
    return check(folder);
  };
  expect(clone("whole")[0]).not.toBe(0);
  expect(clone("shallow", "--depth=1")).toMatchObject([0, expect.stringContaining("no earlier")]);
});

test("a commit can be named, and no work tree is left behind", () => {
  commit("Begin", text);
  commit("Break it", number);
  commit("Mend it", text);
  expect(check(repository, "HEAD~2")[0]).toBe(0);
  expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
});

function check(folder = repository, ...words: string[]): [status: number | null, output: string] {
  const { status, stdout, stderr } = spawnSync("node", [script, ...words], {
    cwd: folder,
    encoding: "utf8",
  });
  return [status, stdout + stderr];
}

function commit(message: string, fields?: string): void {
  if (fields !== undefined) change(fields);
  git("add", ".");
  git("commit", "--quiet", "--allow-empty", "-m", message);
}

function change(fields: string): void {
  mkdirSync(join(repository, "proto/a/v1"), { recursive: true });
  const file = `syntax = "proto3";\npackage a.v1;\nmessage A {\n${fields}\n}\n`;
  writeFileSync(join(repository, "proto/a/v1/a.proto"), file);
}

function git(...words: string[]): string {
  return execFileSync("git", words, { cwd: repository, encoding: "utf8" });
}

function isZero(status: unknown): boolean {
  return status === 0;
}
