import type { ProcessConfig } from "./config.ts";
import { HARD_STOP_MS } from "./limits.ts";
import { createLog, type Log } from "./log.ts";
import { checkNodeVersion } from "./node-version.ts";
import type { Environment } from "./settings.ts";
import { listenForStop } from "./stop-signal.ts";

/** What a process is made of. */
export type ProcessDefinition<C extends ProcessConfig> = {
  /** The name in its logs. */
  readonly name: string;
  /** Reads its settings; throws a text that names every mistake. */
  readonly read: (environment: Environment) => C;
  /** Starts all that it does. Disposing of it drains it. */
  readonly start: (given: Given<C>) => Promise<AsyncDisposable>;
};

/** What a process is started with. */
export type Given<C> = {
  readonly config: C;
  readonly log: Log;
  /** Ends the process for a reason of its own, such as a lost fence. */
  readonly stop: (cause: string, error?: unknown) => void;
  /** Aborted when the process is to end, which may be while it still starts. */
  readonly stopping?: AbortSignal;
};

/**
 * Runs a process until it is told to stop, and drains it then (RULES 4.4). It exits with 0 after a
 * drain that was asked for, else with 1.
 */
export async function runProcess<C extends ProcessConfig>(
  definition: ProcessDefinition<C>,
): Promise<void> {
  const { name, read } = definition;
  try {
    checkNodeVersion();
    const config = read(process.env);
    const log = createLog({ name, level: config.logLevel });
    using signal = listenForStop(config);
    process.exitCode = await run(definition, { config, log, signal });
    log.flush();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    console.error(`${name} does not start. ${why}`);
    process.exitCode = 1;
  }
}

type Running<C> = {
  readonly config: C;
  readonly log: Log;
  readonly signal: ReturnType<typeof listenForStop>;
};

async function run<C extends ProcessConfig>(
  definition: ProcessDefinition<C>,
  { config, log, signal }: Running<C>,
): Promise<number> {
  const stop = (cause: string, error?: unknown) => signal.stop({ cause, error });
  const stopping = new AbortController();
  void signal.stopped.then(() => stopping.abort());
  const running = definition.start({ config, log, stop, stopping: stopping.signal });
  const first = await Promise.race([running.then(() => undefined), signal.stopped]);
  const reason = first ?? (await signal.stopped);
  const fields = { cause: reason.cause, ...(reason.error !== undefined && { err: reason.error }) };
  log[reason.error === undefined ? "info" : "fatal"](fields, "the process stops");
  setTimeout(() => process.kill(process.pid, "SIGKILL"), HARD_STOP_MS).unref();
  await end(running, stopping.signal);
  log.info("the process has stopped");
  return reason.error === undefined ? 0 : 1;
}

/** Drains what runs, or waits until a start has given up for the sake of the stop. */
async function end(running: Promise<AsyncDisposable>, stopping: AbortSignal): Promise<void> {
  const started = await running.catch((error: unknown) => {
    if (error !== stopping.reason) throw error;
  });
  await started?.[Symbol.asyncDispose]();
}
