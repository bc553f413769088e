// Refuses a change of the contract that would break its callers (BF-6), without a network.
//
// What it compares with, the first that there is:
// 1. the commit that is named on the command line, such as a release;
// 2. on a branch: where it left origin/main, or main;
// 3. with changes of proto/ that are not committed: the last commit;
// 4. on main itself, as in CI: the commit before the last one that touched proto/, so that a
//    landing is checked however many commits of other things follow it.
// A clone without such a commit has nothing to compare with, and passes.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const printed = "node_modules/.cache/proto"; // buf/validate/validate.proto, which git does not have

const base = process.argv[2] ?? forkPoint() ?? uncommitted() ?? beforeLastChange();
if (base === undefined || !succeeds("git", ["cat-file", "-e", `${base}:proto`])) {
  console.log("There is no earlier contract to compare with.");
} else {
  process.exitCode = compare(base);
}

/** Compares folder with folder, which lets Buf name the file and the line. */
function compare(commit: string): number {
  const folder = mkdtempSync(join(tmpdir(), "mizan-contract-"));
  const root = output(["rev-parse", "--show-toplevel"]) ?? ".";
  try {
    const added = run("git", ["worktree", "add", "--quiet", "--detach", "--force", folder, commit]);
    if (added !== 0) return added;
    cpSync(join(root, printed), join(folder, printed), { recursive: true });
    const status = run("buf", ["breaking", root, "--against", folder]);
    const verdict = status === 0 ? "breaks nothing of" : "breaks callers of";
    console.log(`The contract ${verdict} ${output(["log", "-1", "--format=%h %s", commit])}.`);
    return status;
  } finally {
    run("git", ["worktree", "remove", "--force", folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where a branch left main; undefined on main itself, and where main is ahead. */
function forkPoint(): string | undefined {
  const head = output(["rev-parse", "HEAD"]);
  for (const main of ["origin/main", "main"]) {
    const fork = output(["merge-base", "HEAD", main]);
    if (fork !== undefined && fork !== head) return fork;
  }
  return undefined;
}

function uncommitted(): string | undefined {
  return output(["status", "--porcelain", "--", "proto"]) === "" ? undefined : "HEAD";
}

function beforeLastChange(): string | undefined {
  const change = output(["log", "-1", "--first-parent", "--format=%H", "--", "proto"]);
  return change === undefined ? undefined : output(["rev-parse", "--verify", `${change}^1`]);
}

/** What git prints; undefined when it knows no answer. */
function output(words: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync("git", words, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

function run(command: string, words: readonly string[]): number {
  return spawnSync(command, words, { stdio: "inherit" }).status ?? 1;
}

function succeeds(command: string, words: readonly string[]): boolean {
  return spawnSync(command, words).status === 0;
}
