import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Takes a home folder for this process. Throws a sentence when another process that still runs has
 * it; what a killed one left is taken over.
 */
export function lockHome(home: string): Disposable & { readonly takenOver: boolean } {
  mkdirSync(home, { recursive: true, mode: 0o711 }); // the user of PostgreSQL has to pass
  const file = join(home, "start.pid");
  const own = join(home, `start.pid.${process.pid}`);
  writeFileSync(own, identityOf(process.pid) ?? "");
  try {
    const takenOver = !tryLink(own, file);
    if (takenOver) {
      const owner = readFileSync(file, "utf8");
      const pid = Number(owner.split(" ")[0]);
      if (owner !== "" && identityOf(pid) === owner) {
        throw new Error(`A stack of ${home} is running already (process ${pid}). Stop it first.`);
      }
      rmSync(file, { force: true });
      if (!tryLink(own, file)) throw new Error(`Another process is just starting on ${home}.`);
    }
    return { takenOver, [Symbol.dispose]: () => rmSync(file, { force: true }) };
  } finally {
    rmSync(own, { force: true });
  }
}

/** A link appears whole or not at all, so nobody ever reads a file that is half written. */
function tryLink(own: string, file: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** A process by its id and, where the system tells, its start, since ids are used again. */
function identityOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return undefined;
  }
  return `${pid} ${startOf(pid)}`;
}

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")")).split(" ")[20] ?? "";
  } catch {
    return ""; // no /proc here: the id alone has to do
  }
}
