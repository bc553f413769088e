import { beforeAll, expect, test } from "vitest";
import { newId, ZERO_ID, uuidOf } from "#mesh/ids.ts";
import { reasonOf } from "#mesh/errors.ts";
import { MAX_SCANNED_ENTRIES } from "#mesh/limits.ts";
import { charge, newOwner, testBilling } from "../testing/test-billing.ts";
import { make } from "../testing/test-flows.ts";
import { open, transferOf } from "../testing/test-ledger.ts";
import { createHolds } from "./create-holds.ts";
import type { Purpose } from "../domain/hold.ts";
import { type HoldList, listHolds } from "./list-holds.ts";
import type { Hold } from "./read-hold.ts";
import { releaseHolds } from "./release-holds.ts";

let world: Awaited<ReturnType<typeof testBilling>>;
beforeAll(async () => {
  world = await testBilling();
  return async () => world[Symbol.asyncDispose]();
});

const service = "matching";
const purpose: Purpose = "ORDER";
const hold = async (...holds: Hold[]) => createHolds(world.billing, { service, holds }, {});
const holdOf = (ownerId: string, amount: string, rest: Partial<Hold> = {}): Hold => {
  return { holdId: newId(), ownerId, purpose, asset: "IRR", amount, reference: "", ...rest };
};
const list = async (rest: Partial<HoldList> = {}) => {
  const request = { service, purpose, startUs: 0, pageSize: 0, pageToken: "", ...rest };
  return listHolds(world.billing, request, {});
};
const reasonOfList = async (rest: Partial<HoldList>) => list(rest).then(() => "", reasonOf);
/** Microseconds since 1970 of the database, after all that was done so far. */
const nowUs = async () =>
  world.billing.writer.submit({ eventCount: 1, decide: ({ atUs }) => atUs });

test("holds of orders are listed as they were made, with what steps have added, the oldest first", async () => {
  const owner = await newOwner(world.billing, "1000.00");
  const startUs = await nowUs();
  const [first, second] = [holdOf(owner, "10.00", { reference: "one" }), holdOf(owner, "20.00")];
  await hold(first, second);
  await hold({ ...first, amount: "3.00", step: 1 }, { ...first, amount: "4.00", step: 7 });
  const desk = holdOf(uuidOf(ZERO_ID), "5.00");
  await hold(desk);
  // Neither what is freed, nor money that is moved for other reasons, is a hold.
  const releases = [
    { holdId: first.holdId, purpose, amount: { asset: "IRR", amount: "1.00" }, step: 1 },
  ];
  await releaseHolds(world.billing, { service, holds: releases }, {});
  await charge(world.billing, { userId: owner, amount: "1.00" });
  const { rows, nextPageToken } = await list({ startUs });
  expect(nextPageToken).toBe("");
  const shown = rows.map((one) => [one.holdId, one.ownerId, one.step, one.amountMinor]);
  expect(shown).toEqual([
    [first.holdId, owner, 0, 10_00n],
    [second.holdId, owner, 0, 20_00n],
    [first.holdId, owner, 1, 3_00n],
    [first.holdId, owner, 7, 4_00n],
    [desk.holdId, uuidOf(ZERO_ID), 0, 5_00n],
  ]);
  expect(rows.map(({ reference }) => reference)).toEqual(["one", "", "one", "one", ""]);
  expect(rows.every((row) => row.ledger === 1 && row.purpose === purpose)).toBe(true);
});

test("a list goes on page by page, within its time", async () => {
  const owner = await newOwner(world.billing, "1000.00");
  await hold(holdOf(owner, "1.00"));
  const startUs = await nowUs();
  const wanted = Array.from({ length: 5 }, () => holdOf(owner, "1.00"));
  await hold(...wanted);
  const endUs = (await nowUs()) + 1;
  await hold(holdOf(owner, "1.00"));
  const found: string[] = [];
  let pages = 0;
  let pageToken = "";
  do {
    const page = await list({ startUs, endUs, pageSize: 2, pageToken });
    found.push(...page.rows.map(({ holdId }) => holdId));
    pageToken = page.nextPageToken;
    pages += 1;
  } while (pageToken !== "");
  expect(found).toEqual(wanted.map(({ holdId }) => holdId));
  expect(pages).toBe(3);
  const { nextPageToken } = await list({ startUs, endUs, pageSize: 2 });
  expect(await reasonOfList({ startUs, pageToken: nextPageToken })).toBe("INVALID_PAGE_TOKEN");
});

test("a look ends after a number of transfers, and the next page goes on behind them", async () => {
  const owner = await newOwner(world.billing, "1000.00");
  const startUs = await nowUs();
  await hold(holdOf(owner, "1.00"));
  await open(world.billing.writer, "some", "others");
  const others = Array.from({ length: MAX_SCANNED_ENTRIES }, () => transferOf("some", "others"));
  await make(world.billing, others);
  const last = holdOf(owner, "1.00");
  await hold(last);
  const first = await list({ startUs });
  expect(first.rows.length).toBe(1);
  const { rows, nextPageToken } = await list({ startUs, pageToken: first.nextPageToken });
  expect(rows.map(({ holdId }) => holdId)).toEqual([last.holdId]);
  expect(nextPageToken).toBe("");
});

test("HOLD-2 nobody lists the holds of another, nor those that have no list", async () => {
  expect(await reasonOfList({ service: "core" })).toBe("NOT_YOUR_PURPOSE");
  expect(await reasonOfList({ purpose: "PURCHASE" })).toBe("HOLDS_NOT_LISTED");
  expect(await reasonOfList({ service: "nobody" })).toBe("NOT_ALLOWED");
});

test("a call tells of each hold whether it was there already", async () => {
  const owner = await newOwner(world.billing, "100.00");
  const [first, second, poor] = ["10.00", "20.00", "1000.00"].map((one) => holdOf(owner, one));
  const repeats = async (...holds: Hold[]) =>
    (await hold(...holds)).map(({ isRepeat }) => isRepeat);
  expect(await repeats(first!)).toEqual([false]);
  expect(await repeats(first!, second!, poor!)).toEqual([true, false, undefined]);
  const releases = [
    { holdId: first!.holdId, purpose, amount: { asset: "IRR", amount: "1.00" }, step: 1 },
  ];
  const call = { service, holds: releases };
  expect((await releaseHolds(world.billing, call, {}))[0]!.isRepeat).toBe(false);
  expect((await releaseHolds(world.billing, call, {}))[0]!.isRepeat).toBe(true);
});
