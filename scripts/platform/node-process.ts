import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync } from "node:fs";
import { join } from "node:path";
import type { LocalProcess } from "#mesh/local/process.ts";

/** A script of ours to run in a process of its own. */
export type NodeProcess = {
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly openLog: () => number;
};

/**
 * Starts a script in a process of its own. It ends when this process does, however that ends: it
 * watches the pipe on its stdin. Ctrl-C of the terminal does not reach it, so that the drain keeps
 * its order. A process that does not end within the time of the drain contract is killed.
 */
export async function startNode(command: NodeProcess): Promise<LocalProcess> {
  const { script, args = [], env, openLog } = command;
  const log = openLog();
  const child = spawn(process.execPath, [roomForYoung, script, ...args], {
    cwd: root,
    env: { NODE_COMPILE_CACHE: compiled, ...inherited(), ...env, MIZAN_PARENT_PIPE: "1" },
    stdio: ["pipe", log, log],
    detached: true,
  });
  closeSync(log);
  child.stdin?.on("error", () => undefined); // it ended; "exit" tells
  const exited = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  await once(child, "spawn");
  return {
    pid: child.pid!,
    exited,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), HARD_STOP_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** The folder of the whole project. */
export const root = join(import.meta.dirname, "../..");

/** Where Node keeps what it has compiled: a start then takes half the time. */
export const compiled = join(root, "node_modules", ".cache", "node");

/** When a draining process is killed (RULES 4.4). */
const HARD_STOP_MS = 25_000;

/** What a child needs of this environment; no MIZAN_ variable or secret of it comes along. */
function inherited(): Record<string, string> {
  const names = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "NODE_OPTIONS", "NODE_EXTRA_CA_CERTS"];
  const found = names.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(
    found.filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

/** Short-lived objects of many calls at a time need room, or a fifth of the CPU goes to collecting. */
const roomForYoung = "--max-semi-space-size=64";
