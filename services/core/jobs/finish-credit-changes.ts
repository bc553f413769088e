import type { Job } from "#mesh/jobs/loop.ts";
import type { Core } from "../context.ts";
import { finishCreditChanges } from "../operations/finish-credit-changes.ts";

/** Finishes the changes of limits that a crash has left half done. */
export const finishCreditChangesJob = (core: Core): Job => ({
  name: "finish-credit-changes",
  everyMs: 2000,
  run: async () => void (await finishCreditChanges(core)),
});
