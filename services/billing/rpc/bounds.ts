import type { HandlerContext } from "@connectrpc/connect";
import { deadlineKey } from "#mesh/deadline.ts";

/** How long a caller waits: queued work whose caller is gone is dropped (G13). */
export function boundsOf({ signal, values }: HandlerContext) {
  return { signal, deadlineMs: values.get(deadlineKey) };
}
