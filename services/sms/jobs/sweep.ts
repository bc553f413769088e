import type { Job } from "#mesh/jobs/loop.ts";
import { QUEUES_EVERY_MS, SWEEP_IDLE_MS } from "#mesh/limits.ts";
import type { Following } from "../context.ts";
import { measureQueues } from "../operations/measure-queues.ts";
import { resolveUncertain } from "../operations/resolve-uncertain.ts";
import { sweepLeases } from "../operations/sweep-leases.ts";
import { sweepQueued } from "../operations/sweep-queued.ts";
import { steadily } from "#mesh/jobs/steadily.ts";

/** Looks after the tasks of the lanes; express does not wait for questions about bulk. */
export function sweepJobs(sms: Following): readonly Job[] {
  return [
    steadily("sweep-queued", SWEEP_IDLE_MS.EXPRESS, async () => sweepQueued(sms)),
    steadily("sweep-leases", SWEEP_IDLE_MS.BULK, async () => sweepLeases(sms)),
    steadily("resolve-express", SWEEP_IDLE_MS.EXPRESS, async (signal) =>
      resolveUncertain(sms, "EXPRESS", signal),
    ),
    steadily("resolve-bulk", SWEEP_IDLE_MS.BULK, async (signal) =>
      resolveUncertain(sms, "BULK", signal),
    ),
    { name: "measure-queues", everyMs: QUEUES_EVERY_MS, run: async () => measureQueues(sms) },
  ];
}
