import { create } from "@bufbuild/protobuf";
import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { PayoutsChangedSchema } from "#gen/mizan/settlement/v1/events_pb.ts";
import type { Payout } from "#gen/mizan/settlement/v1/payout_pb.ts";
import { consumerMetrics } from "#mesh/events/consumer-metrics.ts";
import { workEvent } from "#mesh/events/work-event.ts";
import { newId } from "#mesh/ids.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { testDelivery } from "#mesh/testing/delivery.ts";
import { callOf, testWithdrawals } from "../testing/test-withdrawals.ts";
import { payouts } from "./payouts.ts";

const world = await testWithdrawals({ terms: { waitMs: 0 } });
const metrics = createTelemetry("payouts-test");
afterAll(async () => {
  metrics[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});
const { settlement, ledger, db, log, find } = world;

/** An event of payouts, which may be delivered again and again. */
function eventOf(...changed: Payout[]) {
  const id = newId();
  const place = { db, log, metrics: consumerMetrics(metrics) };
  return async () => {
    const message = create(PayoutsChangedSchema, { payouts: changed });
    const { delivery, answers } = testDelivery(PayoutsChangedSchema, message, id);
    await workEvent(place, payouts, delivery);
    expect(answers).toEqual(["ack"]);
  };
}

test("O5, O6 a withdrawal ends once, however often and in whichever order news of it come", async () => {
  settlement.script.outcome = () => "SENDING";
  const merchantId = await world.merchant(1000n);
  const { withdrawal } = await world.withdraw("1.00", callOf(merchantId));
  const { id } = withdrawal!;
  await expect.poll(async () => (await find(id)).state).toBe("SETTLING");
  const [unknown, paid, back] = [
    eventOf(settlement.move(id, "UNKNOWN")),
    eventOf(settlement.move(id, "SUCCEEDED")),
    eventOf(settlement.move(id, "RETURNED")),
  ];
  for (const deliver of [paid, unknown, paid]) await deliver();
  await world.sweep();
  expect(await find(id)).toMatchObject({ state: "SUCCEEDED", payoutState: "SUCCEEDED" });
  for (const deliver of [back, paid, back, unknown]) await deliver();
  await world.sweep();
  const ended = await find(id);
  expect(ended).toMatchObject({ state: "RETURNED" });
  for (const deliver of [unknown, paid, back]) await deliver();
  expect(await find(id)).toEqual(ended);
  expect(ledger.credits.get(merchantId)).toBe(1000n);
  expect(ledger.holds.get(id)!.endings).toBe(2);
  const { rows } = await sql`select 1 from inbox`.execute(db.sql);
  expect(rows).toEqual([]);
});
