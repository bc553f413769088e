import type { Job } from "#mesh/jobs/loop.ts";
import type { Core } from "../context.ts";
import { openAccounts } from "../operations/open-accounts.ts";

/** Finishes the registrations that a crash has left half done. */
export const openAccountsJob = (core: Core): Job => ({
  name: "open-accounts",
  everyMs: 2000,
  run: async () => void (await openAccounts(core)),
});
