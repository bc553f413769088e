import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { transaction } from "#mesh/database/transaction.ts";
import { newId } from "#mesh/ids.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import { fireTriggers } from "./fire-triggers.ts";
import type { Tables } from "./tables.ts";
import { insertTrigger, lockTriggers } from "./triggers.ts";

const migrations = [new URL("migrations/", import.meta.url)];
const db = await testDatabase<Tables>({ migrations });
afterAll(async () => db[Symbol.asyncDispose]());
const market = "ABAN-IRR";
const look = { market, trades: 100, triggers: 100 };

async function trade(tradeId: number, price: number): Promise<void> {
  const [one, other] = [newId(), newId()];
  await sql`
    insert into trade (market, trade_id, seq, at_ms, lots, taker_open, maker_open, price, taker_side,
      taker_order, maker_order, buyer, seller, buyer_fee_minor, seller_fee_minor)
    values (${market}, ${tradeId}, ${tradeId}, 0, 1, 0, 0, ${price}, 'BUY',
      ${one}, ${other}, ${one}, ${other}, 0, 0)`.execute(db.sql);
}

async function set(price: number): Promise<string> {
  const id = newId();
  const trigger = { id, accountId: newId(), market, price, orderId: newId() };
  await transaction(db, async (tx) => {
    await lockTriggers(tx, market);
    const full = { ...trigger, condition: "ABOVE" as const, newOrder: new Uint8Array() };
    await insertTrigger(tx, full, 0);
  });
  return id;
}

const fire = async () => transaction(db, async (tx) => fireTriggers(tx, look));
const isBlocked = async () => {
  const { rows } = await sql`
    select 1 from pg_stat_activity where datname = current_database()
      and wait_event_type = 'Lock' and query like '%update price_trigger%'`.execute(db.sql);
  return rows.length > 0;
};

test("DESK-1 a trade that is stored while triggers are looked at is looked at the next time", async () => {
  const [low, high] = [await set(100), await set(200)];
  await trade(1, 100);
  const release = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holding = transaction(db, async (tx) => {
    await sql`select 1 from price_trigger where id = ${low} for update`.execute(tx);
    locked.resolve();
    await release.promise;
  });
  await locked.promise;
  const firing = fire();
  await expect.poll(isBlocked).toBe(true);
  await trade(2, 200);
  release.resolve();
  await holding;
  expect(await firing).toEqual({ fired: 1, isMore: false });
  expect(await fire()).toEqual({ fired: 1, isMore: false });
  const { rows } = await sql<{ id: string; trade_id: number }>`
    select id, trade_id from price_trigger where state = 'FIRED' order by trade_id`.execute(db.sql);
  expect(rows).toEqual([
    { id: low, trade_id: 1 },
    { id: high, trade_id: 2 },
  ]);
});

test("a look at many trades or triggers goes on where it stopped", async () => {
  const ids = [];
  for (const price of [300, 301, 302]) ids.push(await set(price));
  for (const tradeId of [3, 4, 5]) await trade(tradeId, 302);
  const few = { market, trades: 2, triggers: 2 };
  const step = async () => transaction(db, async (tx) => fireTriggers(tx, few));
  expect(await step()).toEqual({ fired: 2, isMore: true });
  expect(await step()).toEqual({ fired: 1, isMore: true });
  expect(await step()).toEqual({ fired: 0, isMore: false });
  expect(await step()).toEqual({ fired: 0, isMore: false });
  const { rows } = await sql<{ trade_id: number }>`
    select trade_id from price_trigger where id = any(${ids}::uuid[])`.execute(db.sql);
  expect(rows.map(({ trade_id: tradeId }) => tradeId)).toEqual([3, 3, 3]);
});
