import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Line, Task } from "./victim.ts";

/** A process that runs; disposing of it kills it. */
export type Victim = AsyncDisposable & {
  /** What it has said so far. */
  readonly lines: readonly Line[];
  /** Waits until it has said something so often, or has ended. */
  readonly until: (said: Line["said"], times?: number) => Promise<void>;
  /** Kills it with SIGKILL, unless it has ended. */
  readonly kill: () => Promise<void>;
  /** What ended it: a signal, or its code. */
  readonly ended: Promise<string | number>;
};

/** Starts a victim that heeds the orders of a folder. */
export function runVictim(task: Task, failpoints: string): Victim {
  const program = fileURLToPath(new URL("victim.ts", import.meta.url));
  const child = spawn(process.execPath, [program, JSON.stringify(task)], {
    env: { ...process.env, MIZAN_FAILPOINTS: failpoints, NODE_ENV: "test" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: Line[] = [];
  let wake = Promise.withResolvers<void>();
  const look = () => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  const output = createInterface({ input: child.stdout });
  output.on("line", (line) => {
    lines.push(JSON.parse(line) as Line);
    look();
  });
  const state = { isOver: false };
  const ended = endOf(child, output).finally(() => {
    state.isOver = true;
    look();
  });
  const until = async (said: Line["said"], times = 1) => {
    const count = () => lines.filter((line) => line.said === said).length;
    while (count() < times && !state.isOver) await wake.promise;
  };
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  return { lines, until, kill, ended, [Symbol.asyncDispose]: kill };
}

/** When it has ended and all that it has said was read. */
async function endOf(
  child: ChildProcess,
  output: ReturnType<typeof createInterface>,
): Promise<string | number> {
  const [[code, signal]] = (await Promise.all([once(child, "exit"), once(output, "close")])) as [
    [number | null, string | null],
    unknown[],
  ];
  return signal ?? code!;
}
