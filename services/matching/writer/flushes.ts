/** Who waits until the rows of what was applied are stored. */
export type Flushes = {
  /** The last batch that was applied, and the last whose rows are stored. */
  applied(batch: number): void;
  stored(batch: number): void;
  wait(): Promise<void>;
  /** Whether somebody waits. */
  isAwaited(): boolean;
  /** Ends all waits. */
  refuse(error: Error): void;
};

/** Begins to count. */
export function createFlushes(): Flushes {
  let appliedTo = 0;
  let storedTo = 0;
  let ended: Error | undefined;
  let waiting: { readonly batch: number; resolve: () => void; reject: (error: Error) => void }[] =
    [];
  return {
    applied: (batch) => void (appliedTo = batch),
    stored(batch) {
      storedTo = batch;
      const isDone = (one: { readonly batch: number }) => one.batch <= batch;
      const done = waiting.filter(isDone);
      waiting = waiting.filter((one) => !isDone(one));
      for (const { resolve } of done) resolve();
    },
    async wait() {
      if (appliedTo <= storedTo) return;
      if (ended !== undefined) throw ended;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.push({ batch: appliedTo, resolve, reject });
      await promise;
    },
    isAwaited: () => waiting.length > 0,
    refuse(error) {
      ended = error;
      for (const { reject } of waiting) reject(error);
      waiting = [];
    },
  };
}
