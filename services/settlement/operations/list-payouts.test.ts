import { expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { testBank } from "../testing/test-bank.ts";
import { askedFor, testSettlement } from "../testing/test-settlement.ts";
import { getPayout } from "./get-payout.ts";
import { listPayouts } from "./list-payouts.ts";
import { payoutMeasure } from "./payout-measure.ts";

const all = {
  state: undefined,
  stage: undefined,
  provider: undefined,
  merchantId: undefined,
  id: undefined,
};

test("payouts are listed page by page, the newest first, and by where they stand", async () => {
  const banks = [testBank("bank"), testBank("bank-second")];
  await using world = await testSettlement({ banks });
  const { settlement, bank, create, sweep } = world;
  bank.control.next = ["PAY", "ACCEPT", "LOSE", "REJECT_PAYOUT", "REJECT_PROVIDER"];
  bank.control.isDumb = true;
  const merchantId = newId();
  const { accountId } = askedFor();
  const ids = Array.from({ length: 5 }, newId).toSorted();
  for (const payoutId of ids) await create(askedFor({ payoutId, merchantId, accountId }));
  await sweep(); // the last one goes to the other bank
  await create(askedFor());
  const list = async (filter: Partial<typeof all> | object, page = {}) => {
    const wanted = { ...all, merchantId, ...filter };
    const found = await listPayouts(settlement, wanted, { pageSize: 2, pageToken: "", ...page });
    return { ...found, ids: found.payouts.map(({ id }) => id) };
  };
  const first = await list({});
  const second = await list({}, { pageToken: first.nextPageToken });
  const third = await list({}, { pageToken: second.nextPageToken });
  expect([...first.ids, ...second.ids, ...third.ids]).toEqual(ids.toReversed());
  expect(third.nextPageToken).toBe("");
  expect((await list({ state: "SUCCEEDED" })).ids).toEqual([ids[4], ids[0]]);
  expect((await list({ stage: "IN_TRANSIT" })).ids).toEqual([ids[1]]);
  expect((await list({ state: "UNKNOWN" })).ids).toEqual([ids[2]]);
  expect((await list({ state: "FAILED" })).ids).toEqual([ids[3]]);
  expect((await list({ provider: "bank-second" })).ids).toEqual([ids[4]]);
  expect((await list({ id: ids[2] })).ids).toEqual([ids[2]]);
  const strange = list({ state: "FAILED" }, { pageToken: first.nextPageToken });
  expect(reasonOf(await failureOf(strange))).toBe("INVALID_PAGE_TOKEN");
});

test("a payout that is not there is not found", async () => {
  await using world = await testSettlement();
  expect(reasonOf(await failureOf(getPayout(world.settlement, newId())))).toBe("PAYOUT_NOT_FOUND");
});

test("payouts that have not ended are counted by where they stand", async () => {
  await using world = await testSettlement();
  const { settlement, bank, create, sweep, scrape } = world;
  bank.control.next = ["PAY", "ACCEPT", "ACCEPT", "LOSE"];
  await create(...Array.from({ length: 4 }, () => askedFor()));
  const measure = payoutMeasure(settlement);
  await measure();
  const name = "mizan_settlement_payouts_open";
  expect(await scrape()).toContain(
    `${name}{state="SENDING",stage="IN_TRANSIT",service="settlement-test"} 2`,
  );
  expect(await scrape()).toContain(`${name}{state="UNKNOWN",stage="",service="settlement-test"} 1`);
  bank.settle();
  await sweep();
  await sweep();
  await measure();
  expect(await scrape()).toContain(
    `${name}{state="SENDING",stage="IN_TRANSIT",service="settlement-test"} 0`,
  );
});
