import { type ContextValues, createContextKey } from "@connectrpc/connect";

/** When a call has to be over, in epoch milliseconds; undefined for a stream without an end. */
export const deadlineKey = createContextKey<number | undefined>(undefined, {
  description: "when the call ends",
});

/** How long a call may still take, in milliseconds, at least 1 (AD-11); undefined for ever. */
export function timeLeftMs(values: ContextValues): number | undefined {
  const deadlineMs = values.get(deadlineKey);
  return deadlineMs === undefined ? undefined : Math.max(1, deadlineMs - Date.now());
}
