import { existsSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MAX_FAILPOINT_WAIT_MS } from "./limits.ts";
import { isProduction } from "./settings.ts";

/**
 * A named step of a process at which a test may let it fail. Does nothing unless MIZAN_FAILPOINTS
 * names a folder, and never anything in production. The folder may hold a file of the step's name;
 * whoever comes first takes it away and does what it says: "kill" ends the process by SIGKILL,
 * "fail" throws, and "wait" leaves a file `<name>.waiting` and waits for a file `<name>.go`, which
 * it takes away too, for a minute at most.
 */
export async function failpoint(name: string): Promise<void> {
  if (folder === undefined) return;
  const order = take(join(folder, name));
  if (order === undefined) return;
  switch (order) {
    case "kill":
      process.kill(process.pid, "SIGKILL");
      return new Promise(() => undefined); // nothing may happen any more
    case "fail":
      throw new Error(`A test lets ${name} fail.`);
    case "wait":
      return waitAt(join(folder, name));
    default:
      throw new Error(`A test orders ${JSON.stringify(order)} at ${name}, which is nothing.`);
  }
}

/** Where tests leave their orders; nowhere for all others. */
const folder = isProduction(process.env) ? undefined : process.env["MIZAN_FAILPOINTS"] || undefined; // an empty one counts as absent

/** What a file says, for the one who takes it away; several processes may come to a step at once. */
function take(file: string): string | undefined {
  if (!existsSync(file)) return undefined; // the usual case is a cheap one
  try {
    const order = readFileSync(file, "utf8").trim();
    unlinkSync(file);
    return order;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function waitAt(file: string): Promise<void> {
  writeFileSync(`${file}.waiting`, String(process.pid));
  const endMs = performance.now() + MAX_FAILPOINT_WAIT_MS;
  while (take(`${file}.go`) === undefined && performance.now() < endMs) await sleep(LOOK_EVERY_MS);
}

const LOOK_EVERY_MS = 5;
