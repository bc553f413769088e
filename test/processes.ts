import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Waits until a condition holds; throws a sentence about what was waited for when it never does. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await delay(50);
  }
}

/** Whether a process runs; one that has ended and waits for its parent to ask does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    return code === "ENOENT" && syscall === "open" && process.platform !== "linux";
  }
}
