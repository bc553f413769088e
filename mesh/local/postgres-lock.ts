import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { SERVER_STOP_MS } from "../limits.ts";

/**
 * Waits for a server on the same data that is stopping, and removes the lock of one that is gone.
 * PostgreSQL removes it itself unless another process of its user has the number now, which is
 * common in containers. Throws when a server runs on.
 */
export async function removeStaleLock(data: string): Promise<void> {
  const file = join(data, "postmaster.pid");
  const startMs = performance.now();
  for (;;) {
    const { pid, isReady } = await readLock(file);
    const command = pid === undefined ? "" : await commandOf(pid);
    if (!command.includes(data)) {
      if (command !== "") await rm(file, { force: true });
      return;
    }
    // The guard of a platform that was killed stops its server at this very moment.
    const patienceMs = isReady ? READY_PATIENCE_MS : SERVER_STOP_MS;
    if (performance.now() - startMs > patienceMs) {
      throw new Error(`PostgreSQL runs already in ${data}, as ${pid}`);
    }
    await sleep(20);
  }
}

/** How long a server that seems to be well may take to hear that it is to stop. */
const READY_PATIENCE_MS = 1000;

async function readLock(file: string) {
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n");
  const pid = Number.parseInt(lines[0]!, 10);
  return { pid: Number.isNaN(pid) ? undefined : pid, isReady: lines[7]?.trim() === "ready" };
}

/** The command line of a process; empty when there is none. */
async function commandOf(pid: number): Promise<string> {
  if (process.platform === "linux") {
    return readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  }
  return promisify(execFile)("ps", ["-o", "args=", "-p", String(pid)]).then(
    ({ stdout }) => stdout,
    () => "",
  );
}
