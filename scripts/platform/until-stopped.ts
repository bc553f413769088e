import { readFileSync } from "node:fs";

/**
 * A signal that is raised when this process is asked to end: by Ctrl-C, SIGTERM, a terminal that
 * closes, or npm that was killed. A second request ends the process at once; the services notice
 * and follow. npm sends Ctrl-C on to us although the terminal does, so what comes within half a
 * second counts once.
 */
export function untilStopped(): AbortSignal {
  const stopping = new AbortController();
  let firstMs: number | undefined;
  const stop = (why: string) => {
    const nowMs = performance.now();
    if (firstMs !== undefined && nowMs - firstMs > REPEAT_MS) process.exit(EXIT_AT_ONCE);
    firstMs ??= nowMs;
    stopping.abort(new Error(`The start was ended by ${why}.`));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  if (process.env["npm_lifecycle_event"] !== undefined) watchParent(stop);
  process.stdout.on("error", () => undefined); // nobody reads on, such as after `| head`
  return stopping.signal;
}

/** Nobody tells us when npm is killed, but then we, or the shell between us, have a new parent. */
function watchParent(stop: (why: string) => void): void {
  const ancestors = ancestorsOf(process.ppid);
  const timer = setInterval(() => {
    if (ancestorsOf(process.ppid) === ancestors) return;
    clearInterval(timer);
    stop("the end of npm");
  }, PARENT_MS);
  timer.unref();
}

/** A parent and its own parent, where the system tells. */
function ancestorsOf(parent: number): string {
  try {
    const stat = readFileSync(`/proc/${parent}/stat`, "utf8");
    const [, , grandparent] = stat.slice(stat.lastIndexOf(")")).split(" ");
    return `${parent} ${grandparent}`;
  } catch {
    return String(parent); // no /proc here: its shells leave no shell between
  }
}

const REPEAT_MS = 500;
const PARENT_MS = 500;
const EXIT_AT_ONCE = 130;
