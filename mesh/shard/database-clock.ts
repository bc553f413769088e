import type { Clock } from "../clock.ts";

/** The database's time, carried on by the monotonic clock between its answers (TRF-6, L16). */
export type DatabaseClock = {
  /** Microseconds since 1970. */
  nowUs(): number;
  /** Takes in what the database has just answered, in microseconds since 1970. */
  set(answeredUs: number): void;
};

/** Makes the clock from a first answer of the database. */
export function createDatabaseClock(answeredUs: number, clock: Clock): DatabaseClock {
  let anchorUs = answeredUs;
  let anchorMs = clock.monotonicMs();
  return {
    nowUs: () => anchorUs + Math.floor((clock.monotonicMs() - anchorMs) * 1000),
    set(nowUs) {
      anchorUs = nowUs;
      anchorMs = clock.monotonicMs();
    },
  };
}
