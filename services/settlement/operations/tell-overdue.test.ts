import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { newId } from "#mesh/ids.ts";
import {
  bankNamed,
  insertPayouts,
  referenceOf,
  testStatements,
} from "../testing/test-statements.ts";
import { tellOverdue } from "./tell-overdue.ts";

const { db, metrics, ...world } = await testStatements();
afterAll(async () => world[Symbol.asyncDispose]());
const banks = new Map([bankNamed("bank", true), bankNamed("other", false)]);
const overdueMs = 48 * 3600 * 1000;
const tell = async () => tellOverdue({ db, metrics, banks, overdueMs });

test("what is on no statement for too long is told of once a day, and shown by a metric", async () => {
  const ids = [newId(), newId(), newId()] as const;
  await insertPayouts(
    db.sql,
    ids.map((id) => ({ id, amountMinor: 100n })),
  );
  await sql`update awaited_payment set paid_at = now() where payout_id = ${ids[2]}`.execute(db.sql);
  await tell();
  await tell();
  const text = (count: number) =>
    `Payouts on no statement for too long: ${count}, the oldest paid at 2026-01-31T12:00:00.000Z.`;
  expect(await world.alarms()).toEqual([text(2)]);
  expect(await world.metric("mizan_settlement_overdue_payouts")).toEqual(['{provider="bank"} 2']);
  await world.imported([`L1,out,${referenceOf(ids[0])},1.00`]);
  await sql`update overdue_notice set told_at = told_at - interval '25 h'`.execute(db.sql);
  await tell();
  expect(await world.alarms()).toEqual([text(2), text(1)]);
  await world.imported([`L2,out,${referenceOf(ids[1])},1.00`]);
  await tell();
  expect(await world.metric("mizan_settlement_overdue_payouts")).toEqual(['{provider="bank"} 0']);
});

test("nobody waits for the statements of a bank that has none", async () => {
  await insertPayouts(db.sql, [{ id: newId(), amountMinor: 100n, provider: "other" }]);
  const before = await world.alarms();
  await tell();
  expect(await world.alarms()).toEqual(before);
  const { rows } = await sql`
    select from awaited_payment where provider = 'other'`.execute(db.sql);
  expect(rows).toEqual([]);
});
