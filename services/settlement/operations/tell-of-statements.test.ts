import { afterAll, expect, test } from "vitest";
import { newId } from "#mesh/ids.ts";
import { insertPayouts, referenceOf, testStatements } from "../testing/test-statements.ts";
import { tellOfStatements } from "./tell-of-statements.ts";

const { db, ...world } = await testStatements();
afterAll(async () => world[Symbol.asyncDispose]());

test("a statement that differs is told of once no part of it has come for a while, and again for more", async () => {
  const [one, other] = [newId(), newId()];
  const amountMinor = 100n;
  await insertPayouts(db.sql, [
    { id: one, amountMinor },
    { id: other, amountMinor },
  ]);
  await world.imported([`L1,out,${referenceOf(one)},1.00`, "L2,out,x,4.00"]);
  await tellOfStatements({ db }, 60_000);
  expect(await world.alarms()).toEqual([]);
  await tellOfStatements({ db }, 0);
  await tellOfStatements({ db }, 0);
  const text = (lines: number, payouts: number) =>
    `The statement of 2026-01-31 differs; lines that do not agree: ${lines}, missing payouts: ${payouts}.`;
  expect(await world.alarms()).toEqual([text(1, 1)]);
  await world.imported([`L3,out,${referenceOf(other)},1.00`]);
  await tellOfStatements({ db }, 0);
  expect(await world.alarms()).toEqual([text(1, 1)]);
  await world.imported(["L4,in,y,4.00"]);
  await tellOfStatements({ db }, 0);
  expect(await world.alarms()).toEqual([text(1, 1), text(2, 0)]);
});

test("a statement that agrees is not told of", async () => {
  const before = await world.alarms();
  await world.imported([], { provider: "other" });
  await tellOfStatements({ db }, 0);
  expect(await world.alarms()).toEqual(before);
});
