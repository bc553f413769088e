import type { Terms } from "../context.ts";
import { hasEnded, type MessageState } from "../domain/message.ts";
import type { TaskGoal } from "./move-tasks.ts";

/** When what is queued is looked at again: when a worker should have had it, or for a retry. */
type Wait = { readonly queuedMs: number };

/** What is done next with a message, as its state says; nothing when it has ended. */
export function goalOfState(
  state: MessageState,
  terms: Pick<Terms, "leaseMs" | "firstPollMs">,
  { queuedMs }: Wait,
): TaskGoal | undefined {
  if (hasEnded(state)) return undefined;
  if (state === "QUEUED") return { ...fresh, stage: "QUEUED", dueInMs: queuedMs };
  if (state === "SENDING") return { ...fresh, stage: "SENDING", dueInMs: terms.leaseMs };
  if (state === "UNCERTAIN") return { ...fresh, stage: "UNCERTAIN", dueInMs: 0 };
  return { ...fresh, stage: "SENT", dueInMs: terms.firstPollMs };
}

const fresh = { asked: 0, notFound: 0 };
