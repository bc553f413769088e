import { newId } from "#mesh/ids.ts";
import { type Goal, splitTask } from "../domain/split-task.ts";
import type { Tx } from "../store/tables.ts";
import * as store from "../store/tasks.ts";

/** A task, its messages, and where each of them goes on; nowhere when it has ended. */
export type Moving = {
  readonly taskId: string;
  readonly messageIds: readonly string[];
  readonly goalOf: (messageId: string) => TaskGoal | undefined;
};

/** Where messages of a task go on. */
export type TaskGoal = Goal<store.TaskStage>;

/** A task as it went on: one of those given, or a new one of some of their messages. */
export type Moved = { readonly taskId: string; readonly of: string; readonly goal: TaskGoal };

/**
 * Moves locked tasks to where their messages go on. Messages that go another way than most of
 * theirs get a task of their own, and a task that has none left is deleted.
 */
export async function moveTasks(tx: Tx, tasks: readonly Moving[]): Promise<Moved[]> {
  const kept: store.TaskShare[] = [];
  const made: (store.TaskShare & { id: string })[] = [];
  const gone: string[] = [];
  const moved: Moved[] = [];
  for (const { taskId, messageIds, goalOf } of tasks) {
    const { rest, others } = splitTask(messageIds, goalOf);
    if (rest === undefined) {
      gone.push(taskId);
      continue;
    }
    const own = others.length === 0 ? undefined : rest.messageIds;
    kept.push({ taskId, ...rest.goal, messageIds: own });
    moved.push({ taskId, of: taskId, goal: rest.goal });
    for (const { goal, messageIds: other } of others) {
      const id = newId();
      made.push({ id, taskId, ...goal, messageIds: other });
      moved.push({ taskId: id, of: taskId, goal });
    }
  }
  await store.splitTasks(tx, made);
  await store.placeTasks(tx, kept);
  await store.deleteTasks(tx, gone);
  return moved;
}
