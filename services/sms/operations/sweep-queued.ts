import { transaction } from "#mesh/database/transaction.ts";
import type { Looked } from "#mesh/events/waker.ts";
import { MAX_REQUEUE_WAITS, MAX_SWEPT_TASKS } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import { acceptedAtMs } from "../domain/message-id.ts";
import { hasDue, lockDue } from "../store/tasks.ts";
import { advanceMessages } from "./advance-messages.ts";
import { goalOfState } from "./goal-of-state.ts";
import { moveTasks } from "./move-tasks.ts";
import { queueMoved } from "./queue-moved.ts";
import { type TaskMembers, taskMembers } from "./task-members.ts";

type Needed = Pick<Sms, "db" | "terms" | "currency" | "provider">;

/**
 * Puts queued tasks that are due into their lanes again: the time of their retry has come, or no
 * worker had them in time, as when the store of the broker was lost. What is past its
 * validity expires instead (SCH-2). Tells whether there may be more.
 */
export async function sweepQueued(sms: Needed): Promise<Looked> {
  if (!(await hasDue(sms.db, { stage: "QUEUED" }))) return undefined;
  return transaction(sms.db, async (tx) => {
    const due = await lockDue(tx, { stage: "QUEUED" }, MAX_SWEPT_TASKS);
    if (due.length === 0) return undefined;
    const tasks = await taskMembers(tx, due);
    const expired = await advanceMessages(sms, tx, tasks.flatMap(overdue));
    const states = new Map(expired.map(({ messageId, state }) => [messageId, state]));
    const moved = await moveTasks(
      tx,
      tasks.map(({ task, messages }) => {
        const wait = { queuedMs: waitMs(messages, patienceMs(task.id, sms.terms)) };
        const before = new Map(messages.map(({ messageId, state }) => [messageId, state]));
        return {
          taskId: task.id,
          messageIds: [...before.keys()],
          goalOf: (id) => goalOfState(states.get(id) ?? before.get(id)!, sms.terms, wait),
        };
      }),
    );
    await queueMoved(sms, tx, moved, tasks);
    return due.length === MAX_SWEPT_TASKS;
  });
}

function overdue({ task: { chunkId }, messages }: TaskMembers) {
  return messages
    .filter(({ state, leftMs }) => state === "QUEUED" && leftMs <= 0)
    .map(({ messageId }) => ({ messageId, chunkId, input: { kind: "EXPIRED" } as const }));
}

/** The longer a task has waited, the longer its next wait: a long backlog is not published anew. */
function patienceMs(taskId: string, { requeueMs }: Sms["terms"]): number {
  const ageMs = Date.now() - acceptedAtMs(taskId);
  return Math.max(requeueMs, Math.min(ageMs, MAX_REQUEUE_WAITS * requeueMs));
}

/** Until a worker should have them, or until the first of them has to expire. */
function waitMs(messages: TaskMembers["messages"], requeueMs: number): number {
  const left = messages
    .filter(({ state, leftMs }) => state === "QUEUED" && leftMs > 0)
    .map(({ leftMs }) => Math.ceil(leftMs));
  return Math.min(requeueMs, ...left);
}
