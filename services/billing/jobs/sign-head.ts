import { fence } from "#mesh/jobs/lease.ts";
import type { Job } from "#mesh/jobs/loop.ts";
import { SIGN_HEAD_EVERY_MS } from "#mesh/limits.ts";
import type { Billing } from "../context.ts";
import { signChainHead } from "../operations/sign-chain-head.ts";

/** Signs the end of the hash chain every hour, so that what is older can't be made anew (WR-9). */
export const signHeadJob = (billing: Billing): Job => ({
  name: "sign-chain-head",
  everyMs: SIGN_HEAD_EVERY_MS,
  run: async (_signal, lease) => {
    await signChainHead(billing, async (tx) => fence(tx, lease));
  },
});
