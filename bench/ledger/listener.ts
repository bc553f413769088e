// Consumes the events of the ledger on a thread of its own, as another service does in its process.
import assert from "node:assert/strict";
import { parentPort, workerData } from "node:worker_threads";
import { TransferPostedSchema } from "#gen/mizan/billing/v1/events_pb.ts";
import { connect } from "#mesh/database/connect.ts";
import { connectBus } from "#mesh/events/bus.ts";
import { startConsumers } from "#mesh/events/consume.ts";
import { consumer } from "#mesh/events/consumer.ts";
import { createLog } from "#mesh/log.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import type { Tables } from "./tally.ts";

const { url, natsUrl } = workerData as { url: string; natsUrl: string };
const log = createLog({ name: "listener", level: "error" });
const metrics = createTelemetry("listener");
const db = connect<Tables>({ url, max: 8, name: "listener" });
const bus = await connectBus({ url: natsUrl, name: "listener", log });

/** Counts what was transferred, and refuses a gap. */
const tally = consumer<typeof TransferPostedSchema, Tables>(
  TransferPostedSchema,
  "tally",
  async (tx, { firstSeq, lastSeq, transfers }) => {
    const counted = await tx
      .updateTable("tally")
      .set({ last_seq: Number(lastSeq) })
      .where("last_seq", "=", Number(firstSeq) - 1)
      .executeTakeFirst();
    assert.equal(counted.numUpdatedRows, 1n);
    assert.equal(BigInt(transfers.length), lastSeq - firstSeq + 1n);
  },
);

const running = startConsumers({ service: "listener", db, bus, log, metrics, consumers: [tally] });
parentPort!.once("message", () => void stop());

async function stop(): Promise<void> {
  await running[Symbol.asyncDispose]();
  await bus[Symbol.asyncDispose]();
  await db[Symbol.asyncDispose]();
  metrics[Symbol.dispose]();
}
