import { constants, setPriority } from "node:os";
import { startJobs } from "#mesh/jobs/loop.ts";
import { eventually, type WorkerDefinition, type Workplace } from "#mesh/worker.ts";
import { workerSettings } from "./config.ts";
import { currency } from "./currency.ts";
import { pollsJob } from "./jobs/polls.ts";
import { receiptsJob } from "./jobs/receipts.ts";
import { sweepJobs } from "./jobs/sweep.ts";
import { providerOf } from "./provider.ts";
import { hasDue } from "./store/tasks.ts";
import type { Tables } from "./store/tables.ts";
import { termsOf } from "./terms.ts";
import { startLane } from "./worker/lane.ts";

/**
 * A worker of sms: one lane of the provider, and a part of what has its time. That of bulk applies
 * receipts, of which there are as many as texts; that of express looks after tasks nobody moves.
 */
export const smsWorker: WorkerDefinition<Tables, typeof workerSettings> = {
  service: "sms",
  settings: workerSettings,
  name: ({ lane }) => `sms-${lane.toLowerCase()}`,
  start: startSmsWorker,
};

async function startSmsWorker({
  config,
  log,
  telemetry: metrics,
  db,
  bus,
}: Workplace<Tables, typeof workerSettings>): Promise<AsyncDisposable> {
  await eventually(async () => hasDue(db, { stage: "QUEUED" })); // the schema may be to come
  const { lane, segmentsPerSecond } = config;
  const provider = providerOf(config);
  const sms = { db, log, metrics, terms: termsOf(config), currency, provider };
  if (lane === "BULK") setPriority(constants.priority.PRIORITY_BELOW_NORMAL); // LANE-2
  const jobs = lane === "BULK" ? [receiptsJob(sms), pollsJob(sms)] : sweepJobs(sms);
  await using parts = new AsyncDisposableStack();
  parts.use(startJobs(jobs, { db, log, telemetry: metrics }));
  parts.use(startLane({ sms, bus, lane, segmentsPerSecond }));
  const running = parts.move();
  return { [Symbol.asyncDispose]: () => running.disposeAsync() };
}
