import { Code, ConnectError } from "@connectrpc/connect";

/** Whether an error is about us and not about the event, which it doesn't cost its last chance. */
export function isPassing(error: unknown): boolean {
  return error instanceof ConnectError && passing.has(error.code);
}

const passing = new Set([Code.Unavailable, Code.ResourceExhausted, Code.Aborted]);
