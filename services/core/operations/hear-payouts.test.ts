import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { Payout_State } from "#gen/mizan/settlement/v1/payout_pb.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { newOrder, takeOrders } from "../saga/take-order.ts";
import { callOf, testWithdrawals } from "../testing/test-withdrawals.ts";
import { hearPayouts } from "./hear-payouts.ts";

const world = await testWithdrawals({ terms: { waitMs: 0 } });
afterAll(async () => world[Symbol.asyncDispose]());
const { saga, ledger, settlement, db, find } = world;

type Payout = ReturnType<typeof settlement.move>;

const hear = async (...payouts: Payout[]) =>
  hearPayouts(db.sql, { $typeName: "mizan.settlement.v1.PayoutsChanged", payouts });

async function settling() {
  settlement.script.outcome = () => "SENDING";
  const { withdrawal } = await world.withdraw("1.00", callOf(await world.merchant(1000n)));
  await expect.poll(async () => (await find(withdrawal!.id)).state).toBe("SETTLING");
  return withdrawal!.id;
}

/** A withdrawal that is stored, as a call that carries it out has it. */
async function requested() {
  const merchantId = await world.merchant(1000n);
  const call = callOf(merchantId).values.get(callKey)!;
  const order = newOrder({ call, merchantId, amount: 100n, endMs: 0 });
  await takeOrders(saga, [order]);
  return { id: order.id, row: await find(order.id) };
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
  const { id, row } = await requested();
  const payout = { ...settlement.move(await settling(), "SUCCEEDED"), id };
  await hear(payout);
  expect(await find(id)).toEqual(row);
  await hear({ ...payout, state: Payout_State.RETURNED, version: 9 });
  const known = { state: "REQUESTED", payoutState: "RETURNED", payoutVersion: 9, version: 1 };
  expect(await find(id)).toMatchObject(known);
  expect(await isDue(id)).toBe(false);
});

test("money that comes back while the withdrawal moves on is heard of, whatever it was before", async () => {
  const { id } = await requested();
  const payout = { ...settlement.move(await settling(), "RETURNED"), id };
  let heard = Promise.resolve();
  await transaction(db, async (tx) => {
    await sql`update withdrawal set state = 'SETTLING', payout_state = 'SUCCEEDED',
      payout_version = 1 where id = ${id}`.execute(tx);
    heard = hear({ ...payout, version: 2 });
    await expect.poll(async () => waitingForLocks(), { interval: 5 }).toBe(1);
  });
  await heard;
  expect(await find(id)).toMatchObject({ state: "SETTLING", payoutState: "RETURNED" });
  expect(await isDue(id)).toBe(true);
});

test("O5, O6 news in any order and again and again leave what they leave once, in theirs", async () => {
  const told = ["SENDING", "UNKNOWN", "SUCCEEDED", "RETURNED"] as const;
  const ids = [await settling(), await settling(), await settling()];
  const [inOrder, backwards, twice] = ids.map((id) => told.map((to) => settlement.move(id, to)));
  for (const one of inOrder!) await hear(one);
  for (const one of backwards!.toReversed()) await hear(one);
  for (const one of [...twice!, ...twice!.toReversed(), ...twice!]) await hear(one);
  const end = { state: "SETTLING", payoutState: "RETURNED", payoutVersion: 6 };
  for (const one of await Promise.all(ids.map(find))) expect(one).toMatchObject(end);
  expect(await Promise.all(ids.map(isDue))).toEqual([true, true, true]);
  await world.sweep();
  await world.sweep();
  const done = await Promise.all(ids.map(find));
  expect(done.map(({ state }) => state)).toEqual(["RETURNED", "RETURNED", "RETURNED"]);
  for (const one of [inOrder!, backwards!, twice!].flat()) await hear(one);
  expect(await Promise.all(ids.map(find))).toEqual(done);
  expect(ids.map((id) => ledger.holds.get(id)!.endings)).toEqual([2, 2, 2]);
});

async function waitingForLocks(): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(db.sql);
  return rows[0]!.count;
}
