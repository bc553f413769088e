import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { callKey } from "#mesh/idempotent-call.ts";
import type { Current } from "../store/withdrawal-moves.ts";
import { callOf, testWithdrawals } from "../testing/test-withdrawals.ts";
import { newOrder, takeOrders } from "./take-order.ts";
import { createWatched } from "./watched.ts";

const world = await testWithdrawals();
afterAll(async () => world[Symbol.asyncDispose]());
const { saga, db, log } = world;

async function stored() {
  const merchantId = await world.merchant(1000n);
  const call = callOf(merchantId).values.get(callKey)!;
  const [verdict] = await takeOrders(saga, [
    newOrder({ call, merchantId, amount: 100n, endMs: 0 }),
  ]);
  return (verdict as { row: Current["row"] }).row;
}

test("what others change is found by one look for all, each version once", async () => {
  const watched = createWatched({ db, log });
  const rows = [await stored(), await stored()];
  const heard: string[] = [];
  const seats = [...rows, rows[0]!].map((row) =>
    watched.watch(row, { changed: ({ row: now }) => heard.push(`${now.id} ${now.version}`) }),
  );
  await sql`update withdrawal set version = 2 where id = ${rows[0]!.id}`.execute(db.sql);
  const twice = [`${rows[0]!.id} 2`, `${rows[0]!.id} 2`];
  await expect.poll(() => heard).toEqual(twice);
  seats[2]![Symbol.dispose]();
  await sql`update withdrawal set version = 3`.execute(db.sql);
  const last = rows.map(({ id }) => `${id} 3`);
  await expect.poll(() => heard.toSorted()).toEqual([...twice, ...last].toSorted());
  for (const seat of seats) seat[Symbol.dispose]();
});

test("what happens here is told at once, and older versions are not", async () => {
  const watched = createWatched({ db, log });
  const row = await stored();
  const heard: unknown[] = [];
  using _ = watched.watch(row, {
    changed: ({ row: now }) => heard.push(now.version),
    held: () => heard.push("HELD"),
  });
  watched.tellHeld([row.id, "somebody else's"]);
  watched.tell([{ row: { ...row, version: 3 }, answer: undefined }]);
  watched.tell([{ row: { ...row, version: 2 }, answer: undefined }]);
  expect(heard).toEqual(["HELD", 3]);
});

test("a database that is away for a while is asked again", async () => {
  const row = await stored();
  let isAway = true;
  const flaky = {
    ...db,
    get sql() {
      if (isAway) throw new Error("away");
      return db.sql;
    },
  };
  const watched = createWatched({ db: flaky, log });
  const { promise, resolve } = Promise.withResolvers<number>();
  using _ = watched.watch(row, { changed: ({ row: now }) => resolve(now.version) });
  await expect.poll(() => log.records.some(({ msg }) => String(msg).includes("again"))).toBe(true);
  isAway = false;
  await sql`update withdrawal set version = 2 where id = ${row.id}`.execute(db.sql);
  expect(await promise).toBe(2);
});
