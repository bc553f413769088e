import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { callKey } from "#mesh/idempotent-call.ts";
import { newOrder, takeOrders } from "../saga/take-order.ts";
import { callOf, testWithdrawals } from "../testing/test-withdrawals.ts";
import { hearPayouts } from "./hear-payouts.ts";

const world = await testWithdrawals({ terms: { waitMs: 0 } });
afterAll(async () => world[Symbol.asyncDispose]());
const { saga, settlement, db, find } = world;

type Payout = ReturnType<typeof settlement.move>;

const hear = async (...payouts: Payout[]) =>
  hearPayouts(db.sql, { $typeName: "mizan.settlement.v1.PayoutsChanged", payouts });

async function settling() {
  settlement.script.outcome = () => "SENDING";
  const { withdrawal } = await world.withdraw("1.00", callOf(await world.merchant(1000n)));
  await expect.poll(async () => (await find(withdrawal!.id)).state).toBe("SETTLING");
  return withdrawal!.id;
}

const isDue = async (id: string) => {
  const { rows } = await sql<{ isDue: boolean }>`select coalesce(due_at <= now(), false) as "isDue"
    from withdrawal where id = ${id}`.execute(db.sql);
  return rows[0]!.isDue;
};

test("news that are no end are shown, and an end makes the withdrawal due at once", async () => {
  const id = await settling();
  await sql`update withdrawal set due_at = now() + interval '5 minutes'`.execute(db.sql);
  const before = await find(id);
  await hear(settlement.move(id, "UNKNOWN"));
  expect(await find(id)).toMatchObject({ payoutState: "UNKNOWN", version: before.version + 1 });
  expect(await isDue(id)).toBe(false);
  await hear(settlement.move(id, "FAILED"));
  const after = { state: "SETTLING", payoutState: "FAILED", reason: "ACCOUNT_CLOSED" };
  expect(await find(id)).toMatchObject(after);
  expect(await isDue(id)).toBe(true);
});

test("O6 older news, the same news again and those of strangers change nothing", async () => {
  const id = await settling();
  const old = settlement.move(id, "UNKNOWN");
  const latest = settlement.move(id, "SENDING");
  await hear(latest, { ...latest, id: "01900000-0000-7000-8000-000000000000" });
  const now = await find(id);
  await hear(old);
  await hear(latest);
  expect(await find(id)).toEqual(now);
});

test("what a call is just carrying out is left to it, but for money that came back", async () => {
  const merchantId = await world.merchant(1000n);
  const call = callOf(merchantId).values.get(callKey)!;
  const order = newOrder({ call, merchantId, amount: 100n, endMs: 0 });
  await takeOrders(saga, [order]);
  const before = await find(order.id);
  const payout = { ...settlement.move(await settling(), "SUCCEEDED"), id: order.id };
  await hear(payout);
  expect(await find(order.id)).toEqual(before);
  await hear({ ...payout, state: 7, version: 9 });
  const known = { state: "REQUESTED", payoutState: "RETURNED", payoutVersion: 9, version: 1 };
  expect(await find(order.id)).toMatchObject(known);
  expect(await isDue(order.id)).toBe(false);
});
