import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { MAX_COUNTED_TASKS } from "#mesh/limits.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import { longestDelayMs } from "./chunk-sums.ts";
import type { Tables, Tx } from "./tables.ts";
import { readQueues } from "./tasks.ts";

const migrations = [new URL("./migrations/", import.meta.url)];
const db = await testDatabase<Tables>({ migrations });
afterAll(async () => db[Symbol.asyncDispose]());

const count = MAX_COUNTED_TASKS + 5000;
await sql`
  insert into task (id, chunk_id, lane, stage, due_at)
  select first_id(now() - interval '1 hour' + n * interval '100 ms'), gen_random_uuid(), 'BULK',
    case when n = 1 then 'SENT' else 'QUEUED' end::task_stage,
    now() - case when n = 1 then interval '90 s' else interval '30 s' end
  from generate_series(1, ${count}::int) as n`.execute(db.sql);
await sql`vacuum analyze task`.execute(db.sql);

/** Asks in a transaction; tells how many tasks had to be read for the answer, too. */
async function reading<T>(ask: (db: { sql: Tx }) => Promise<T>) {
  return db.sql.transaction().execute(async (tx) => {
    const answer = await ask({ sql: tx });
    const { rows } = await sql<{ read: number }>`
      select (pg_stat_get_xact_tuples_returned(c.oid)
        + sum(pg_stat_get_xact_tuples_returned(i.indexrelid)))::int as read
      from pg_class c join pg_index i on i.indrelid = c.oid
      where c.oid = 'task'::regclass group by c.oid`.execute(tx);
    return { answer, read: rows[0]!.read };
  });
}

test("ST-3 the longest delay is that of any stage, and costs a look at each", async () => {
  const { answer, read } = await reading(longestDelayMs);
  expect(answer).toBeGreaterThan(89_000);
  expect(answer).toBeLessThan(150_000);
  expect(read).toBeLessThan(10);
});

test("REP-3 a long queue is not counted to its end, and its oldest task is known", async () => {
  const { answer, read } = await reading(readQueues);
  expect(answer).toMatchObject([{ lane: "BULK", tasks: MAX_COUNTED_TASKS }]);
  expect(answer[0]!.ageMs).toBeGreaterThan(3_590_000);
  expect(read).toBeLessThan(MAX_COUNTED_TASKS + 10);
});
