import type { Layout } from "./layout.ts";
import { tailOf } from "./log-file.ts";
import type { Watch } from "./supervise.ts";

/** Keeps an eye on the processes of a stack. */
export type PartsWatch = Watch & {
  /** Raised when a part has crashed too often before everything was up. */
  readonly failed: AbortSignal;
  /** The process ids by name. */
  pids(): Record<string, number>;
  /** From now on everything is up: calls the listener now and whenever a process comes or goes. */
  onChange(listener: () => void): void;
};

/** Watches the parts of a stack: who runs, who crashes, and whether the start is hopeless. */
export function watchParts(layout: Layout, say: (text: string) => void): PartsWatch {
  const failing = new AbortController();
  const pids = new Map<string, number>();
  const crashes = new Map<string, number>();
  let changed: (() => void) | undefined;
  return {
    failed: failing.signal,
    pids: () => Object.fromEntries(pids),
    onChange(listener) {
      changed = listener;
      listener();
    },
    started(name, pid) {
      if (pid === undefined) pids.delete(name);
      else pids.set(name, pid);
      changed?.();
    },
    crashed(name, text) {
      const count = (crashes.get(name) ?? 0) + 1;
      crashes.set(name, count);
      say(`${name} has ended by itself (${text}) and is started again.`);
      if (changed !== undefined || count < MAX_START_CRASHES) return;
      const log = layout.logOf(name);
      failing.abort(
        new Error(`${name} can't start (${text}). The end of ${log}:\n${tailOf(log, 20)}`),
      );
    },
  };
}

/** A part that ends this often before it ever served will not come up. */
const MAX_START_CRASHES = 3;
