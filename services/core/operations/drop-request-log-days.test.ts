import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import { insertRequestLogs } from "../store/request-logs.ts";
import { requestLog } from "../testing/request-log.ts";
import { testCore } from "../testing/test-core.ts";
import { dropRequestLogDays } from "./drop-request-log-days.ts";
import { makeRequestLogDays } from "./make-request-log-days.ts";

const { core, warnings, ...rest } = await testCore();
afterAll(async () => rest[Symbol.asyncDispose]());

const DAY_MS = 24 * 3600 * 1000;
const dayOf = (daysAgo: number) =>
  new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10);

/** Makes a day so long ago, with a call in it. */
const past = async (daysAgo: number) => {
  const [start, end] = [dayOf(daysAgo), dayOf(daysAgo - 1)];
  const name = sql.table(`request_log_${start.replaceAll("-", "")}`);
  await sql`create table ${name} partition of request_log
    for values from (${sql.lit(`${start}Z`)}) to (${sql.lit(`${end}Z`)})`.execute(core.db.sql);
  const atMs = Date.parse(start);
  await insertRequestLogs(core.db.sql, [requestLog({ atMs, objectId: start })]);
};

const left = async () => {
  const { rows } = await sql<{ id: string }>`
    select object_id as id from request_log order by called_at`.execute(core.db.sql);
  return rows.map(({ id }) => id);
};

test("O7 days that were kept for long enough go as a whole, and what came late with them", async () => {
  await past(33);
  await past(30);
  const late = [40, 20].map((ago) =>
    requestLog({ atMs: Date.now() - ago * DAY_MS, objectId: `late ${ago}` }),
  );
  await insertRequestLogs(core.db.sql, late);
  expect(await dropRequestLogDays(core, 30)).toEqual([dayOf(33)]);
  expect(await left()).toEqual([dayOf(30), "late 20"]);
  expect(await dropRequestLogDays(core, 30)).toEqual([]);
});

test("a day that somebody reads stays for the next time, and holds nobody up for long", async () => {
  await past(34);
  await using other = await openConnection({ url: core.db.url, name: "test" });
  await other.query("begin");
  await other.query("select count(*) from request_log");
  expect(await dropRequestLogDays(core, 30)).toEqual([]);
  expect(JSON.stringify(warnings)).toContain("a day is in use and stays for now");
  await other.query("rollback");
  expect(await dropRequestLogDays(core, 30)).toEqual([dayOf(34)]);
});

test("the days of a week to come are there, even when calls came before their day", async () => {
  const today = sql.table(`request_log_${dayOf(0).replaceAll("-", "")}`);
  await sql`drop table ${today}`.execute(core.db.sql);
  await insertRequestLogs(core.db.sql, [requestLog({ objectId: "early" })]);
  await makeRequestLogDays(core);
  await makeRequestLogDays(core);
  expect(await left()).toContain("early");
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'request_log'::regclass and relname ~ '[0-9]$'
    order by 1 desc limit 1`.execute(core.db.sql);
  expect(rows[0]!.name).toBe(`request_log_${dayOf(-7).replaceAll("-", "")}`);
});
