import { defineConfig } from "vitest/config";
import { compiled } from "./scripts/platform/node-process.ts";
import { LongestFirst } from "./test/longest-first.ts";
import { secondTries } from "./test/second-tries.ts";

/** How long a test waits for what happens in another process; a busy machine takes its time. */
const PATIENCE_MS = 15_000;

export default defineConfig({
  test: {
    include: ["{bench,mesh,scripts,services,simulators,test}/**/*.test.ts"],
    globalSetup: "mesh/testing/setup.ts",
    // A check of a whole change does not stop at one unlucky moment; it tells of each that it had.
    retry: process.env["CI"] === undefined ? 0 : 1,
    reporters: ["default", secondTries],
    sequence: { sequencer: LongestFirst },
    env: { NODE_COMPILE_CACHE: compiled }, // the processes of tests start sooner
    maxWorkers: 2, // half of the tests wait for other processes, so one a core is not too many
    testTimeout: 2 * PATIENCE_MS,
    hookTimeout: 4 * PATIENCE_MS,
    expect: { poll: { timeout: PATIENCE_MS, interval: 20 } },
  },
});
