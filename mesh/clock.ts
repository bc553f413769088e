/** Tells the time. Money and expiry use the database's time instead (L16). */
export type Clock = {
  /** The time of day, in milliseconds since 1970. It can jump. */
  readonly nowMs: () => number;
  /** Milliseconds that only ever grow, for durations. */
  readonly monotonicMs: () => number;
};

/** The clock of this machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
