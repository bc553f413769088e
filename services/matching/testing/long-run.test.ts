import { expect, test } from "vitest";
import { runLong } from "./long-run.ts";

/** Time for a million commands on a slow machine. */
const LONG_MS = 600_000;

test(
  "a million commands of a thousand users lose no money, and replay to the same state",
  () => {
    expect(runLong(1, 1_000_000).levels).toBeGreaterThan(10);
  },
  LONG_MS,
);
