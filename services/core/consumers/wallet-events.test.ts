import { create } from "@bufbuild/protobuf";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { TransferPostedSchema } from "#gen/mizan/billing/v1/events_pb.ts";
import { TransferKind } from "#gen/mizan/billing/v1/transfer_pb.ts";
import { connect } from "#mesh/database/connect.ts";
import { consumerMetrics } from "#mesh/events/consumer-metrics.ts";
import { workEvent } from "#mesh/events/work-event.ts";
import { newId } from "#mesh/ids.ts";
import { createMetrics } from "#mesh/metrics.ts";
import { testDelivery } from "#mesh/testing/delivery.ts";
import { testLog } from "#mesh/testing/log.ts";
import type { Tables } from "../store/tables.ts";
import { walletEvents } from "./wallet-events.ts";

const [SMS, WITHDRAWAL] = [2, 6];

test("a commit that nobody is told of costs the database nothing: there is none here", async () => {
  const url = "postgres://127.0.0.1:1/none";
  await using db = connect<Tables>({ url, max: 1, name: "none" });
  const metrics = consumerMetrics(createMetrics(new Registry()));
  const deliver = async (...codes: number[]) => {
    const debit = { code: 100, ownerId: newId() };
    const transfers = codes.map((code) => ({ code, kind: TransferKind.POST, debit }));
    const message = create(TransferPostedSchema, { transfers });
    const { delivery, answers } = testDelivery(TransferPostedSchema, message, newId());
    await workEvent({ db, log: testLog(), metrics }, walletEvents, delivery);
    return answers;
  };
  expect(await deliver(WITHDRAWAL, WITHDRAWAL)).toEqual(["ack"]);
  expect(await deliver(WITHDRAWAL, SMS)).toEqual(["retry"]);
});
