import { retryLater } from "#mesh/errors.ts";
import { OVERLOAD_RETRY_MS } from "#mesh/limits.ts";
import { fail } from "#mesh/reasons.ts";
import type { Billing } from "../context.ts";
import type { Verdict } from "../domain/chain.ts";
import { verifyInThread } from "../seal/verify-in-thread.ts";

/**
 * Makes the hash chain anew from the stored transfers, and tells the first that is not as it was
 * sealed (WR-9). It reads all of them, so there is one verification at a time: throws OVERLOADED
 * while another is under way, and the reason of the signal when the caller is gone.
 */
export async function verifyChain(billing: Billing, signal?: AbortSignal): Promise<Verdict> {
  if (underWay.has(billing)) throw overloaded();
  underWay.add(billing);
  try {
    const { shard, keys } = billing.chain;
    return await verifyInThread({ url: billing.db.url, shard, keys: keys() }, signal);
  } finally {
    underWay.delete(billing);
  }
}

const underWay = new WeakSet<Billing>();

function overloaded() {
  const values = { resource: "The verification", retry_ms: OVERLOAD_RETRY_MS };
  return retryLater(fail("OVERLOADED", values), OVERLOAD_RETRY_MS);
}
