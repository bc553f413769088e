import { type ChunkMembers, readMembers } from "../store/chunks.ts";
import { readWhereabouts, type Whereabouts } from "../store/outgoing-texts.ts";
import type { Tx } from "../store/tables.ts";
import type { Task } from "../store/tasks.ts";

/** A locked task with its messages, each as it stood a moment ago. */
export type TaskMembers = {
  readonly task: Task;
  readonly accountId: string;
  readonly messages: readonly Whereabouts[];
};

/** Reads the messages of locked tasks. */
export async function taskMembers(tx: Tx, tasks: readonly Task[]): Promise<TaskMembers[]> {
  const chunks = await readMembers(tx, [...new Set(tasks.map(({ chunkId }) => chunkId))]);
  const idsOf = ({ messageIds, chunkId }: Task) =>
    messageIds ?? chunks.get(chunkId)?.messageIds ?? [];
  const found = await readWhereabouts(tx, tasks.flatMap(idsOf));
  return tasks.map((task) => ({
    task,
    accountId: accountOf(chunks, task),
    messages: idsOf(task).flatMap((id) => found.get(id) ?? []),
  }));
}

function accountOf(chunks: ReadonlyMap<string, ChunkMembers>, { chunkId }: Task): string {
  return chunks.get(chunkId)?.accountId ?? "";
}
