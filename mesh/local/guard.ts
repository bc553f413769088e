import { spawn } from "node:child_process";
import type { Runnable } from "./run-as.ts";

/** What a guard starts, and how it stops it. */
export type Guarded = Runnable & {
  readonly folder: string;
  readonly stopSignal: NodeJS.Signals;
  readonly stopMs: number;
};

/** What a guard tells the process that it guards for. */
export type Report = { readonly pid: number } | { readonly ended: string };

/** Runs a server until it ends, until we are told to end or until our parent is gone. */
function guard({ file, args, folder, stopSignal, stopMs, ...ids }: Guarded): void {
  const server = spawn(file, args, {
    ...ids,
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
    windowsHide: true,
  });
  const stop = () => {
    server.kill(stopSignal);
    setTimeout(() => server.kill("SIGKILL"), stopMs).unref();
  };
  server.once("spawn", () => report({ pid: server.pid! }));
  server.once("error", (error) => ended(error.message));
  server.once("exit", (code, signal) => ended(`it ended with ${signal ?? `code ${code}`}`));
  process.once("disconnect", stop);
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) process.on(signal, stop);
}

function report(news: Report): void {
  if (process.connected) process.send?.(news, () => {}); // nobody may be there to hear it
}

function ended(how: string): void {
  report({ ended: how });
  if (process.connected) process.disconnect?.();
}

guard(JSON.parse(process.argv[2]!) as Guarded);
