import type { Settings } from "./settings.ts";
import type { Store } from "./store.ts";

/** All that a simulated bank knows. */
export type State = {
  readonly name: string;
  settings: Settings;
  /** Until when it answers nothing but 503, by `performance.now()`, and whether it says why. */
  away: { readonly untilMs: number; readonly saysWhy: boolean };
  calls: Calls;
  readonly store: Store;
};

/** What came in since the start, or since it was forgotten. */
export type Calls = {
  submits: number;
  transfers: number;
  lookups: number;
  /** How many transfers were not taken, by status or code. */
  readonly refused: Record<string, number>;
};

/** The counts of one that nobody has called. */
export function noCalls(): Calls {
  return { submits: 0, transfers: 0, lookups: 0, refused: {} };
}
