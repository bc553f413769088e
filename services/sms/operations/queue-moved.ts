import type { Sms } from "../context.ts";
import type { Lane } from "../domain/message.ts";
import { tasksQueued } from "../events.ts";
import type { Tx } from "../store/tables.ts";
import type { Moved } from "./move-tasks.ts";

/** A task before it moved, and whose messages it is of. */
type Before = {
  readonly task: { readonly id: string; readonly lane: Lane };
  readonly accountId: string;
};

/** Puts those of moved tasks into their lanes that are queued now, new ones of a division too. */
export async function queueMoved(
  { provider }: Pick<Sms, "provider">,
  tx: Tx,
  moved: readonly Moved[],
  before: readonly Before[],
): Promise<void> {
  const byId = new Map(before.map((one) => [one.task.id, one]));
  const queued = moved.filter(({ goal }) => goal.stage === "QUEUED");
  await tasksQueued(
    tx,
    queued.map(({ taskId, of }) => {
      const { task, accountId } = byId.get(of)!;
      return { taskId, lane: task.lane, provider: provider.name, accountId };
    }),
  );
}
