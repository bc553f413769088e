/** Wakes the one who waits for any of several things. A ring while nobody waits is not lost. */
export type Bell = {
  ring(): void;
  /** Waits for a ring, or for some milliseconds when a time is given. */
  wait(maxMs?: number): Promise<void>;
};

/** Hangs up a bell. */
export function createBell(): Bell {
  let { promise, resolve } = Promise.withResolvers<void>();
  return {
    ring: () => resolve(),
    async wait(maxMs) {
      const timer = maxMs === undefined ? undefined : setTimeout(resolve, maxMs);
      await promise;
      clearTimeout(timer);
      ({ promise, resolve } = Promise.withResolvers<void>());
    },
  };
}
