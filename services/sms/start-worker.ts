import { LANE_SHARES } from "#mesh/limits.ts";
import { eventually, type WorkerDefinition, type Workplace } from "#mesh/worker.ts";
import { workerSettings } from "./config.ts";
import { currency } from "./currency.ts";
import { providerOf } from "./provider.ts";
import { hasDue } from "./store/tasks.ts";
import type { Tables } from "./store/tables.ts";
import { termsOf } from "./terms.ts";
import { startLane } from "./worker/lane.ts";

/** A worker of sms: one lane of the provider. */
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
  return startLane({
    sms: { db, log, metrics, terms: termsOf(config), currency, provider },
    bus,
    lane,
    segmentsPerSecond: segmentsPerSecond * LANE_SHARES[lane],
  });
}
