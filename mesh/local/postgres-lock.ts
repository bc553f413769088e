import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/**
 * Removes the lock of a server that is gone. PostgreSQL does it itself unless another process of
 * the same user has the number now, which is common in containers. Throws when a server still runs
 * on the data.
 */
export async function removeStaleLock(data: string): Promise<void> {
  const file = join(data, "postmaster.pid");
  const lock = await readFile(file, "utf8").catch(() => "");
  const pid = Number.parseInt(lock, 10);
  if (Number.isNaN(pid)) return;
  const command = await commandOf(pid);
  if (command.includes(data)) throw new Error(`PostgreSQL runs already in ${data}, as ${pid}`);
  if (command !== "") await rm(file);
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
