import type { HandlerContext } from "@connectrpc/connect";
import { deadlineKey } from "#mesh/deadline.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { fail } from "#mesh/reasons.ts";

/** How long a caller waits: queued work whose caller is gone is dropped (G13). */
export function boundsOf({ signal, values }: HandlerContext) {
  return { signal, deadlineMs: values.get(deadlineKey) };
}

/** The same with the key of a call whose answer is kept; throws REQUEST_ID_REQUIRED without one. */
export function keyedBoundsOf(context: HandlerContext) {
  const call = context.values.get(callKey);
  if (call === undefined) throw fail("REQUEST_ID_REQUIRED");
  return { ...boundsOf(context), call };
}
