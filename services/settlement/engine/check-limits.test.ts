import { expect, test } from "vitest";
import type { Payout } from "#gen/mizan/settlement/v1/payout_pb.ts";
import { newId } from "#mesh/ids.ts";
import { shown } from "../testing/shown.ts";
import { testBank } from "../testing/test-bank.ts";
import { askedFor, testSettlement } from "../testing/test-settlement.ts";

const HOUR_MS = 3600 * 1000;

/** How each payout stands: the reason of one that has failed, else its state. */
const said = (created: readonly unknown[]) =>
  created.map((one) => {
    const { state, reason } = shown(one as Payout);
    return state === "FAILED" ? reason : state;
  });

test("PAY-7 a payout below the minimum or above the maximum fails without an attempt", async () => {
  await using world = await testSettlement({ limits: { minMinor: 100n, maxMinor: 1000n } });
  const { bank, create, changes } = world;
  const amounts = ["0.99", "1.00", "10.00", "10.01"];
  const created = await create(...amounts.map((irr) => askedFor({ irr })));
  expect(said(created)).toEqual(["BELOW_MINIMUM", "SUCCEEDED", "SUCCEEDED", "ABOVE_MAXIMUM"]);
  expect(bank.calls.flat()).toHaveLength(2);
  expect((await changes()).map(({ reason }) => reason).filter(Boolean)).toEqual([
    "BELOW_MINIMUM",
    "ABOVE_MAXIMUM",
  ]);
});

test("PAY-7 a merchant's first account is paid at once, another one after its cool-down", async () => {
  await using world = await testSettlement();
  const { create, letTimePass } = world;
  const merchantId = newId();
  const to = (bankAccount: string) => askedFor({ merchantId, bankAccount });
  const [first, second] = ["IR06 2960 0000", "IR99-1111-2222"];
  expect(said(await create(to(first), to(second), to("ir0629600000")))).toEqual([
    "SUCCEEDED",
    "ACCOUNT_COOLING_DOWN",
    "SUCCEEDED",
  ]);
  await letTimePass(24 * HOUR_MS - 60_000);
  expect(said(await create(to(second), to(first)))).toEqual(["ACCOUNT_COOLING_DOWN", "SUCCEEDED"]);
  await letTimePass(60_000);
  expect(said(await create(to(second), to(first)))).toEqual(["SUCCEEDED", "SUCCEEDED"]);
  expect(said(await create(askedFor({ bankAccount: second })))).toEqual(["SUCCEEDED"]);
});

test("PAY-7 the limits of a day and of a month count what is on its way, and not what has failed", async () => {
  await using world = await testSettlement({ limits: { dayMinor: 1000n, monthMinor: 1500n } });
  const { bank, create, letTimePass } = world;
  const merchantId = newId();
  const { accountId } = askedFor();
  const of = (irr: string) => askedFor({ merchantId, accountId, irr });
  bank.control.next = ["REJECT_PAYOUT", "ACCEPT"];
  expect(said(await create(of("5.00")))).toEqual(["ACCOUNT_CLOSED"]);
  const created = await create(of("6.00"), of("4.01"), of("4.00"), of("0.01"));
  expect(said(created)).toEqual(["SENDING IN_TRANSIT", "DAILY_LIMIT", "SUCCEEDED", "DAILY_LIMIT"]);
  expect(said(await create(askedFor({ irr: "10.00" })))).toEqual(["SUCCEEDED"]); // somebody else
  await letTimePass(24 * HOUR_MS);
  expect(said(await create(of("5.01"), of("5.00")))).toEqual(["MONTHLY_LIMIT", "SUCCEEDED"]);
});

test("PAY-7 payouts of one merchant that come at once don't exceed the limit together", async () => {
  await using world = await testSettlement({ limits: { dayMinor: 1000n } });
  const { create } = world;
  const merchantId = newId();
  const { accountId } = askedFor();
  const at = Array.from({ length: 20 }, async () => create(askedFor({ merchantId, accountId })));
  const results = said((await Promise.all(at)).flat());
  expect(results.filter((one) => one === "SUCCEEDED")).toHaveLength(10);
  expect(results.filter((one) => one === "DAILY_LIMIT")).toHaveLength(10);
});

test("PAY-7 a payout that is asked for again counts once", async () => {
  await using world = await testSettlement({ limits: { dayMinor: 1000n } });
  const { create } = world;
  const { merchantId, accountId } = askedFor();
  const first = askedFor({ merchantId, accountId, irr: "6.00" });
  await create(first);
  const second = askedFor({ merchantId, accountId, irr: "4.00" });
  expect(said(await create(first, second))).toEqual(["SUCCEEDED", "SUCCEEDED"]);
});

test("PAY-10 a bank that has paid its most of the day is left out until tomorrow", async () => {
  const [one, other] = [testBank("bank", { dailyLimitMinor: 250n }), testBank("bank-second")];
  await using world = await testSettlement({ banks: [one, other] });
  const { create } = world;
  const created = await create(...Array.from({ length: 4 }, () => askedFor()));
  expect(created.map((payout) => (payout as Payout).provider)).toEqual([
    "bank",
    "bank",
    "bank-second",
    "bank-second",
  ]);
  await using alone = await testSettlement({ banks: [testBank("bank", { dailyLimitMinor: 99n })] });
  expect(said(await alone.create(askedFor()))).toEqual(["PENDING QUEUED"]);
  await alone.sweep();
  expect(alone.bank.calls).toEqual([]);
});
