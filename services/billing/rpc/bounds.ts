import type { HandlerContext } from "@connectrpc/connect";
import { deadlineKey } from "#mesh/deadline.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { fail } from "#mesh/reasons.ts";
import { ruleOf } from "#mesh/rule.ts";

/** How long a caller waits: queued work whose caller is gone is dropped (G13). */
export function boundsOf({ signal, values }: HandlerContext) {
  return { signal, deadlineMs: values.get(deadlineKey) };
}

/** The same of a stream: it ends at the caller's deadline, or after the longest of the method. */
export function streamBoundsOf(context: HandlerContext) {
  const longestMs = ruleOf(context.method)?.maxTimeoutMs ?? 0;
  const { signal, deadlineMs = Infinity } = boundsOf(context);
  return { signal, deadlineMs: Math.min(deadlineMs, Date.now() + longestMs) };
}

/** The same with the key of a call whose answer is kept; throws REQUEST_ID_REQUIRED without one. */
export function keyedBoundsOf(context: HandlerContext) {
  const call = context.values.get(callKey);
  if (call === undefined) throw fail("REQUEST_ID_REQUIRED");
  return { ...boundsOf(context), call };
}
