import { Code, ConnectError } from "@connectrpc/connect";

/** Whether an error is about us and not about the event, which it doesn't cost its last chance. */
export function isPassing(error: unknown): boolean {
  return error instanceof ConnectError && passing.has(error.code);
}

const passing = new Set([Code.Unavailable, Code.ResourceExhausted, Code.Aborted]);

/** Thrown by a consumer for an event that needs somebody: it becomes a dead letter at once. */
export class NeedsSomebody extends Error {}
