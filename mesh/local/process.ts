import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { SERVER_STOP_MS } from "../limits.ts";
import type { Guarded, Report } from "./guard.ts";
import { runAs } from "./run-as.ts";
import type { User } from "./user.ts";

/** A server of somebody else that is to run beside us, such as PostgreSQL. */
export type ServerCommand = {
  readonly file: string;
  readonly args: readonly string[];
  /** Where the server runs. */
  readonly folder: string;
  /** Where its output goes; what a run before has written is lost. */
  readonly logFile: string;
  /** The signal that asks the server to end. */
  readonly stopSignal: NodeJS.Signals;
  /** How long it has to end by itself before it is killed. */
  readonly stopMs?: number;
  /** Whom the server runs as; by default whoever runs us. */
  readonly user?: User | undefined;
};

/** A running server. Disposing of it asks it to end and waits until it has. */
export type LocalProcess = AsyncDisposable & {
  readonly pid: number;
  /** Says how the server ended, as soon as it has. */
  readonly exited: Promise<string>;
};

/**
 * Starts a server that can't outlive us, whatever our end is: a guard, a process of its own, holds
 * one end of a pipe and stops the server when we are gone; on Linux the server also ends when the
 * guard does. A program that can't be run makes it throw or, behind setpriv, end at once.
 */
export async function startProcess(command: ServerCommand): Promise<LocalProcess> {
  await using log = await open(command.logFile, "w");
  const { user, folder, stopSignal, stopMs = SERVER_STOP_MS } = command;
  const runnable = await runAs(user, command.file, command.args, stopSignal);
  const guarded: Guarded = { ...runnable, folder, stopSignal, stopMs };
  const guard = fork(new URL("guard.ts", import.meta.url), [JSON.stringify(guarded)], {
    detached: true, // Ctrl-C in a terminal is for us: the server ends after its clients
    execArgv: [],
    stdio: ["ignore", log.fd, log.fd, "ipc"],
  });
  const reports = watch(guard);
  const pid = await reports.started;
  if (pid === undefined)
    throw new Error(`${command.file}: ${(await reports.exited) ?? "no guard"}`);
  guard.unref();
  guard.channel?.unref();
  const exited = reports.exited.then(async (how) => {
    return how ?? (await abandoned(pid, stopSignal));
  });
  const stop = async () => {
    guard.ref();
    guard.channel?.ref(); // or we end before we hear that the server has
    guard.kill("SIGTERM");
    await exited;
  };
  return { pid, exited, [Symbol.asyncDispose]: stop };
}

/** What the guard tells about the server. A guard that dies before it can't tell how it ended. */
function watch(guard: ChildProcess) {
  let how: string | undefined;
  const started = Promise.withResolvers<number | undefined>();
  guard.on("message", (report: Report) => {
    if ("pid" in report) started.resolve(report.pid);
    else how = report.ended;
  });
  const exited = once(guard, "close").then(() => {
    started.resolve(undefined);
    return how;
  });
  return { started: started.promise, exited };
}

/** Ends a server whose guard is dead, and waits until it is gone; a zombie of init's never is. */
async function abandoned(pid: number, stopSignal: NodeJS.Signals): Promise<string> {
  const startMs = performance.now();
  const how = "it was ended because its guard had died";
  for (let signal: NodeJS.Signals | 0 = stopSignal; ; signal = 0) {
    const waitedMs = performance.now() - startMs;
    if (waitedMs > 2 * SERVER_STOP_MS) return how;
    try {
      process.kill(pid, waitedMs < SERVER_STOP_MS ? signal : "SIGKILL");
    } catch {
      return how;
    }
    await sleep(20);
  }
}
