import { MAX_COUNTED_TASKS } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import { readQueues } from "../store/tasks.ts";

/** Shows how much waits in each lane, and how long the oldest of it does (REP-3). */
export async function measureQueues({ db, metrics }: Pick<Sms, "db" | "metrics">): Promise<void> {
  const tasks = metrics.gauge(
    "mizan_sms_queued_tasks",
    `Tasks that wait in a lane; ${MAX_COUNTED_TASKS} stands for that many or more.`,
  );
  const age = metrics.gauge(
    "mizan_sms_queue_age_seconds",
    "How long the oldest task of a lane has waited.",
  );
  const queues = new Map((await readQueues(db)).map((queue) => [queue.lane, queue]));
  for (const lane of ["EXPRESS", "BULK"] as const) {
    tasks.set(queues.get(lane)?.tasks ?? 0, { lane });
    age.set((queues.get(lane)?.ageMs ?? 0) / 1000, { lane });
  }
}
