import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import { sentChunk, type SentChunk } from "../testing/sent-chunk.ts";
import { testSms, type TestSms } from "../testing/test-sms.ts";
import { dropOldDays } from "./drop-old-days.ts";
import { makeDays } from "./make-days.ts";

const DAY_MS = 24 * 3600 * 1000;

let world: TestSms;

beforeAll(async () => {
  world = await testSms();
});
afterAll(async () => world[Symbol.asyncDispose]());
beforeEach(async () => {
  await dropOldDays(world.sms);
});

/** A chunk of a day so long ago, whose day is made. */
const chunkOf = async (daysAgo: number): Promise<SentChunk> => {
  await sql`select make_day(now() - ${daysAgo} * interval '1 day')`.execute(world.sms.db.sql);
  return sentChunk(world, { ageMs: daysAgo * DAY_MS });
};

const end = async ({ messageIds, taskId }: SentChunk) => {
  await sql`update message set state = 'DELIVERED' where id = any (${messageIds}::uuid[])`.execute(
    world.sms.db.sql,
  );
  await sql`delete from task where id = ${taskId}`.execute(world.sms.db.sql);
};

const dayOf = (daysAgo: number) =>
  new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10);

test("DATA-2 a day goes as a whole when it is old and all of it has ended", async () => {
  const old = await chunkOf(32);
  const young = await chunkOf(29);
  await end(old);
  await end(young);
  expect(await dropOldDays(world.sms)).toEqual([
    `chunk_${dayOf(32)}`,
    `chunk_${dayOf(29)}`,
    `message_${dayOf(32)}`,
    `message_note_${dayOf(32)}`,
  ]);
  const left = await sql<{ id: string }>`select id from message`.execute(world.sms.db.sql);
  expect(left.rows.map(({ id }) => id)).toEqual(young.messageIds);
});

test("DATA-2 a day stays for one message that has not ended, and so do its texts", async () => {
  const old = await chunkOf(33);
  const rest = await sentChunk(world, { ageMs: 33 * DAY_MS });
  await end(old);
  expect(await dropOldDays(world.sms)).toEqual([]);
  await sql`delete from task where id = ${rest.taskId}`.execute(world.sms.db.sql);
  expect(await dropOldDays(world.sms)).toEqual([]);
  await end(rest);
  expect(await dropOldDays(world.sms)).toHaveLength(3);
});

test("REP-4 texts go after a week, but not while something is to be done with them", async () => {
  const week = await chunkOf(9);
  expect(await dropOldDays(world.sms)).toEqual([]);
  await end(week);
  expect(await dropOldDays(world.sms)).toEqual([`chunk_${dayOf(9)}`]);
});

test("a day that somebody uses stays for the next time, and holds nobody up for long", async () => {
  await end(await chunkOf(34));
  await using other = await openConnection({ url: world.sms.db.url, name: "test" });
  await other.query("begin");
  await other.query("select count(*) from message");
  expect(await dropOldDays(world.sms)).toEqual([`chunk_${dayOf(34)}`]);
  expect(world.log.records).toContainEqual(
    expect.objectContaining({ table: "message", msg: "a day is in use and stays for now" }),
  );
  await other.query("rollback");
  expect(await dropOldDays(world.sms)).toHaveLength(2);
});

test("the oldest receipts are emptied at once when all are done with", async () => {
  const insert = async (slot: number, due: string | null) =>
    sql`insert into receipt (slot, provider, provider_id, state, due_at)
      values (${slot}, 'magfa', '1', 'SENT', ${due})`.execute(world.sms.db.sql);
  const today = Math.floor(Date.now() / DAY_MS);
  for (const age of [0, 1, 2]) await insert((today - age) % 4, null);
  const oldest = (today + 1) % 4;
  await insert(oldest, new Date().toISOString());
  expect(await dropOldDays(world.sms)).toEqual([]);
  await sql`update receipt set due_at = null`.execute(world.sms.db.sql);
  expect(await dropOldDays(world.sms)).toEqual([`receipt_${oldest}`]);
  const { rows } = await sql<{ slot: number }>`select slot from receipt`.execute(world.sms.db.sql);
  expect(rows.map(({ slot }) => slot)).not.toContain(oldest);
  expect(rows).toHaveLength(3);
});

test("the days of a week to come are there, and making them again changes nothing", async () => {
  await makeDays(world.sms);
  await makeDays(world.sms);
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'message'::regclass order by 1 desc limit 1`.execute(world.sms.db.sql);
  expect(rows[0]!.name).toBe(`message_${dayOf(-7).replaceAll("-", "")}`);
});
