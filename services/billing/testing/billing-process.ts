import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Billing in a process of its own, as it is run, for tests that hurt it. */
export type BillingProcess = AsyncDisposable & {
  /** Waits until a line of its log says so, and returns that line; throws when it ends before. */
  readonly until: (text: string) => Promise<LogLine>;
  /** What its log says so far. */
  readonly lines: readonly LogLine[];
  readonly signal: (name: NodeJS.Signals) => void;
  /** The code with which it ended, or the signal that ended it. */
  readonly ended: Promise<number | string>;
};

/** A line of a log: the text, and what stands beside it. */
type LogLine = { readonly msg: string } & Readonly<Record<string, unknown>>;

/** Runs billing on a database and a broker; disposing of it kills it, asleep or not. */
export function startBillingProcess(environment: Record<string, string>): BillingProcess {
  const child = spawn(process.execPath, [fileURLToPath(main)], {
    env: { ...process.env, ...usual, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  const heard = (line: string) => {
    lines.push(line.startsWith("{") ? (JSON.parse(line) as LogLine) : { msg: line });
    for (const wake of waiting) wake();
  };
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on("line", heard);
  const ended = endOf(child).finally(() => {
    for (const wake of waiting) wake();
  });
  let isOver = false;
  void ended.then(() => (isOver = true));
  const until = async (text: string) => {
    for (;;) {
      const found = lines.find(({ msg }) => msg.includes(text));
      if (found !== undefined) return found;
      if (isOver) throw new Error(`It ended without "${text}": ${JSON.stringify(lines)}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      await promise;
      waiting.delete(resolve);
    }
  };
  return {
    until,
    lines,
    signal: (name) => void child.kill(name),
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

const main = new URL("../main.ts", import.meta.url);

const usual = {
  MIZAN_PROFILE: "test",
  MIZAN_PARENT_PIPE: "1",
  MIZAN_DRAIN_WAIT_MS: "0",
  GRPC_PORT: "0",
  HTTP_PORT: "0",
  ADMIN_PORT: "0",
};

async function endOf(child: ChildProcess): Promise<number | string> {
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return code ?? signal!;
}
