import type { Reporter, TestCase } from "vitest/node";

/** Names the tests that passed at the second try only: somebody has to look why. */
export const secondTries: Reporter = {
  onTestCaseResult(test: TestCase) {
    if (test.diagnostic()?.flaky !== true) return;
    console.warn(
      `Passed at the second try only: ${test.module.relativeModuleId} > ${test.fullName}`,
    );
  },
};
