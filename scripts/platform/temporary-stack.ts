import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BootOptions, bootStack, type Stack } from "./boot.ts";
import { freeOffset } from "./ports.ts";

/** A stack of its own, beside all others; its folder goes with it. */
export type TemporaryStack = AsyncDisposable & {
  /** The stack that runs now. */
  current(): Stack;
  /** Stops everything, lets something be done meanwhile, and boots again on the same folder. */
  restart(whileStopped: (home: string) => void): Promise<void>;
  /** Leaves the folder where it is, for somebody to look into. */
  keep(): void;
};

/** Boots a stack in a temporary folder with servers of its own, on ports that nobody uses. */
export async function temporaryStack(
  options: Pick<BootOptions, "say" | "signal" | "env">,
): Promise<TemporaryStack> {
  await using cleanup = new AsyncDisposableStack();
  const home = mkdtempSync(join(tmpdir(), "mizan-stack-"));
  let kept = false;
  cleanup.defer(() => {
    if (!kept) rmSync(home, { recursive: true, force: true });
  });
  chmodSync(home, 0o711); // the user of PostgreSQL has to pass
  const offset = await freeOffset();
  let isStopped = false;
  const isOver = () => isStopped && !kept;
  const boot = () => bootStack({ ...options, home, offset, isOver });
  let stack: Stack | undefined = await boot();
  cleanup.defer(async () => {
    isStopped = true;
    await stack?.[Symbol.asyncDispose]();
  });
  const booted = cleanup.move();
  return {
    current() {
      if (stack === undefined) throw new Error("The stack is stopped.");
      return stack;
    },
    async restart(whileStopped) {
      const stopping = stack;
      stack = undefined;
      await stopping?.[Symbol.asyncDispose]();
      whileStopped(home);
      stack = await boot();
    },
    keep: () => void (kept = true),
    [Symbol.asyncDispose]: () => booted.disposeAsync(),
  };
}
