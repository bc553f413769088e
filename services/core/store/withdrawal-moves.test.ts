import { afterAll, expect, test } from "vitest";
import { callKey } from "#mesh/idempotent-call.ts";
import { newOrder, takeOrders } from "../saga/take-order.ts";
import { callOf, testWithdrawals } from "../testing/test-withdrawals.ts";
import { notificationsMade } from "../events.ts";
import { keepAnswers, moveWithdrawals } from "./withdrawal-moves.ts";
import { findChanged } from "./withdrawals.ts";

const world = await testWithdrawals();
afterAll(async () => world[Symbol.asyncDispose]());
const { saga, db } = world;
const bytes = (text: string) => new TextEncoder().encode(text);

async function stored() {
  const merchantId = await world.merchant(1000n);
  const call = callOf(merchantId).values.get(callKey)!;
  const order = newOrder({ call, merchantId, amount: 100n, endMs: 0 });
  await takeOrders(saga, [order]);
  return world.find(order.id);
}

const plain = { dueMs: undefined, told: undefined, answer: undefined };

test("an answer is kept once, and only for the version that was told", async () => {
  const { id } = await stored();
  const keep = async (version: number, text: string) =>
    (await keepAnswers(db.sql, [{ id, version, answer: bytes(text) }])).has(id);
  expect(await keep(2, "too early")).toBe(false);
  expect(await keep(1, "first")).toBe(true);
  expect(await keep(1, "second")).toBe(false);
  const [now] = await findChanged(db.sql, [{ id, version: 0 }]);
  expect(Buffer.from(now!.answer!).toString()).toBe("first");
  const move = { ...plain, to: { ...now!.row, state: "HELD" as const }, answer: bytes("third") };
  const [moved] = await moveWithdrawals(db.sql, [move], notificationsMade([]));
  expect(moved).toMatchObject({ row: { state: "HELD", version: 2 } });
  expect(Buffer.from(moved!.answer!).toString()).toBe("first");
});

test("a state is written over those before it alone, and news over older ones", async () => {
  const row = await stored();
  const move = async (changes: Partial<typeof row>) =>
    (
      await moveWithdrawals(
        db.sql,
        [{ ...plain, to: { ...row, ...changes } }],
        notificationsMade([]),
      )
    ).length;
  const news = (payoutVersion: number) =>
    ({ state: "SETTLING", payoutState: "SENDING", payoutVersion }) as const;
  expect(await move({ state: "RETURNED" })).toBe(0);
  expect(await move({ state: "HELD" })).toBe(1);
  expect(await move({ state: "HELD" })).toBe(0);
  expect(await move(news(2))).toBe(1);
  expect(await move(news(2))).toBe(0);
  expect(await move(news(1))).toBe(0);
  expect(await move(news(3))).toBe(1);
  expect(await move({ state: "HELD" })).toBe(0);
  expect(await move({ state: "SUCCEEDED", payoutState: "SUCCEEDED", payoutVersion: 4 })).toBe(1);
  for (const state of ["HELD", "FAILED", "CANCELLED", "SUCCEEDED"] as const) {
    expect([state, await move({ state, payoutVersion: 9 })]).toEqual([state, 0]);
  }
  expect(await world.find(row.id)).toMatchObject({ state: "SUCCEEDED", version: 5 });
  expect(await move({ state: "RETURNED" })).toBe(1);
});
