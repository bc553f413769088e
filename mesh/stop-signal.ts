/** Why a process is to end. */
type StopReason = { readonly cause: string; readonly error?: unknown };

/** Hears when a process is to end; the first reason counts. */
export type StopSignal = Disposable & {
  /** Is resolved with the first reason. */
  readonly stopped: Promise<StopReason>;
  /** Ends the process for a reason of its own, such as a lost fence. */
  readonly stop: (reason: StopReason) => void;
};

/**
 * Listens to all that ends a process: SIGTERM and SIGINT; the end of standard input, where that is
 * the pipe of a parent; and whatever nobody has caught, after which nothing may go on (R1).
 * A second signal ends the process at once, which a crash-safe process can bear (RULES 4.4).
 */
export function listenForStop(options: { readonly parentPipe: boolean }): StopSignal {
  const { promise: stopped, resolve } = Promise.withResolvers<StopReason>();
  let signals = 0;
  const onSignal = (cause: NodeJS.Signals) => {
    if (++signals > 1) process.kill(process.pid, "SIGKILL");
    resolve({ cause });
  };
  const onError = (error: unknown) => resolve({ cause: "an error that nobody caught", error });
  const onEnd = () => resolve({ cause: "the parent is gone" });
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  process.on("uncaughtException", onError).on("unhandledRejection", onError);
  if (options.parentPipe) process.stdin.on("end", onEnd).on("error", onEnd).resume();
  return {
    stopped,
    stop: resolve,
    [Symbol.dispose]: () => {
      process.off("SIGTERM", onSignal).off("SIGINT", onSignal);
      process.off("uncaughtException", onError).off("unhandledRejection", onError);
      if (options.parentPipe) process.stdin.off("end", onEnd).off("error", onEnd).destroy();
    },
  };
}
