import { transaction } from "#mesh/database/transaction.ts";
import type { Looked } from "#mesh/events/waker.ts";
import { MAX_SWEPT_TASKS } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import { hasDue, lockDue } from "../store/tasks.ts";
import { advanceMessages } from "./advance-messages.ts";
import { goalOfState } from "./goal-of-state.ts";
import { moveTasks } from "./move-tasks.ts";
import { taskMembers } from "./task-members.ts";

type Needed = Pick<Sms, "db" | "terms" | "currency">;

/**
 * Doubts attempts whose worker did not say in time how they went: the provider is asked, and
 * nothing is sent a second time on a suspicion (FO-1, FO-2). Tells whether there may be more.
 */
export async function sweepLeases(sms: Needed): Promise<Looked> {
  if (!(await hasDue(sms.db, { stage: "SENDING" }))) return undefined;
  return transaction(sms.db, async (tx) => {
    const due = await lockDue(tx, { stage: "SENDING" }, MAX_SWEPT_TASKS);
    if (due.length === 0) return undefined;
    const tasks = await taskMembers(tx, due);
    const doubted = await advanceMessages(
      sms,
      tx,
      tasks.flatMap(({ task: { chunkId }, messages }) =>
        messages.map(({ messageId }) => ({ messageId, chunkId, ...leaseOver })),
      ),
    );
    const states = new Map(doubted.map(({ messageId, state }) => [messageId, state]));
    await moveTasks(
      tx,
      tasks.map(({ task, messages }) => {
        const before = new Map(messages.map(({ messageId, state }) => [messageId, state]));
        const goalOf = (id: string) =>
          goalOfState(states.get(id) ?? before.get(id)!, sms.terms, { queuedMs: 0 });
        return { taskId: task.id, messageIds: [...before.keys()], goalOf };
      }),
    );
    return due.length === MAX_SWEPT_TASKS;
  });
}

const leaseOver = { input: { kind: "UNKNOWN" }, detail: "the worker's lease is over" } as const;
