import { sql, type Transaction } from "kysely";
import { afterAll, beforeEach, expect, test } from "vitest";
import { reasonOf } from "../errors.ts";
import { MAX_TRANSACTION_RETRIES } from "../limits.ts";
import { testDatabase } from "../testing/postgres.ts";
import { transaction } from "./transaction.ts";

type Tables = { purse: { id: number; coins: number } };

const db = await testDatabase<Tables>();
await sql`create table purse (id int primary key, coins int not null)`.execute(db.sql);

afterAll(async () => db[Symbol.asyncDispose]());

beforeEach(async () => {
  await sql`truncate purse`.execute(db.sql);
  await sql`insert into purse values (1, 0), (2, 0)`.execute(db.sql);
});

async function put(tx: Transaction<Tables>, id: number): Promise<void> {
  await sql`update purse set coins = coins + 1 where id = ${id}`.execute(tx);
}

async function coins(): Promise<number[]> {
  const rows = await db.sql.selectFrom("purse").selectAll().orderBy("id").execute();
  return rows.map((row) => row.coins);
}

const withReason = (reason: string) => expect.toSatisfy((error) => reasonOf(error) === reason);

test("work that fails leaves nothing", async () => {
  const work = transaction(db, async (tx) => {
    await put(tx, 1);
    throw new Error("no luck");
  });
  await expect(work).rejects.toThrow("no luck");
  expect(await coins()).toEqual([0, 0]);
});

test("L5 of two that block each other both come through", async () => {
  const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const cross = async (mine: 0 | 1, first: number, second: number) =>
    transaction(db, async (tx) => {
      await put(tx, first);
      both[mine]!.resolve();
      await both[1 - mine]!.promise;
      await sql`set local lock_timeout = 0`.execute(tx); // for the deadlock to be found first
      await put(tx, second);
    });
  await Promise.all([cross(0, 1, 2), cross(1, 2, 1)]);
  expect(await coins()).toEqual([2, 2]);
});

test("L5 who loses over and over is told so after three retries", async () => {
  let tries = 0;
  const work = transaction(db, async (tx) => {
    tries += 1;
    await sql`do $$ begin raise exception using errcode = '40001'; end $$`.execute(tx);
  });
  await expect(work).rejects.toMatchObject({ code: "40001" });
  expect(tries).toBe(1 + MAX_TRANSACTION_RETRIES);
});

test("a lock that others hold for too long makes the work refused, not wait", async () => {
  await transaction(db, async (tx) => {
    await put(tx, 1);
    const other = transaction(db, async (late) => put(late, 1));
    await expect(other).rejects.toThrow(withReason("OVERLOADED"));
  });
});

test("G13 a statement ends with the deadline of its call", async () => {
  const startMs = performance.now();
  const work = transaction(db, async (tx) => sql`select pg_sleep(10)`.execute(tx), {
    timeLeftMs: 100,
  });
  await expect(work).rejects.toThrow(withReason("DEADLINE_PASSED"));
  expect(performance.now() - startMs).toBeLessThan(1000);
});

test("G13 work for a caller who is gone commits nothing", async () => {
  const caller = new AbortController();
  const work = transaction(
    db,
    async (tx) => {
      await put(tx, 1);
      caller.abort(new Error("the caller is gone"));
    },
    { signal: caller.signal },
  );
  await expect(work).rejects.toThrow("the caller is gone");
  expect(await coins()).toEqual([0, 0]);
});

test("the limit of one transaction is not that of the next", async () => {
  await transaction(db, async (tx) => put(tx, 1), { timeLeftMs: 100 });
  const limits = await Promise.all(
    Array.from({ length: 8 }, async () =>
      sql<{ statement_timeout: string }>`
      show statement_timeout`.execute(db.sql),
    ),
  );
  for (const { rows } of limits) expect(rows).toEqual([{ statement_timeout: "2s" }]);
});
