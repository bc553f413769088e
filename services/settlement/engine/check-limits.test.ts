import { sql } from "kysely";
import { expect, test } from "vitest";
import type { Payout } from "#gen/mizan/settlement/v1/payout_pb.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { newId } from "#mesh/ids.ts";
import { applyNews } from "../operations/apply-news.ts";
import { askProvider } from "../operations/ask-provider.ts";
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
});

test("PAY-10 a payout waits when the only bank has paid its most of the day", async () => {
  const banks = [testBank("bank", { dailyLimitMinor: 150n })];
  await using world = await testSettlement({ banks });
  const { bank, create, sweep } = world;
  const created = await create(askedFor(), askedFor());
  expect(said(created)).toEqual(["SUCCEEDED", "PENDING QUEUED"]);
  await sweep();
  expect(bank.calls.flat()).toHaveLength(1);
});

test.each([
  "REJECT_PAYOUT",
  "REJECT_PROVIDER",
  "NO_FUNDS",
  "NOT_PROCESSED",
  "LOSE",
  "FAIL",
] as const)(
  "PAY-10 what a bank has surely not paid counts no more against its most of the day: %s",
  async (how) => {
    const [one, other] = [testBank("bank", { dailyLimitMinor: 100n }), testBank("bank-second")];
    await using world = await testSettlement({ banks: [one, other] });
    const { create, find, restart } = world;
    one.control.next = [how === "FAIL" ? "ACCEPT" : how];
    const first = askedFor();
    await create(first);
    if (how === "FAIL") one.settle("FAILED");
    if (how === "LOSE" || how === "FAIL") await askAbout(world);
    expect(shown(await find(first.payoutId)).state).not.toBe("SUCCEEDED");
    restart(); // a bank that has just lacked money is asked again
    const created = await create(askedFor(), askedFor());
    expect(providersOf(created)).toEqual(["bank", "bank-second"]);
  },
);

test("PAY-10 what may have been paid counts on", async () => {
  const [one, other] = [testBank("bank", { dailyLimitMinor: 200n }), testBank("bank-second")];
  await using world = await testSettlement({ banks: [one, other] });
  one.control.next = ["LOSE", "PAY_SILENTLY"];
  one.control.isDumb = true;
  await world.create(askedFor(), askedFor());
  await world.sweep();
  expect(providersOf(await world.create(askedFor()))).toEqual(["bank-second"]);
});

test("PAY-10 what a bank has paid after all counts again", async () => {
  const banks = [testBank("bank", { dailyLimitMinor: 150n })];
  await using world = await testSettlement({ banks });
  const { bank, create, find, settlement } = world;
  bank.control.next = ["COME_LATE"];
  const late = askedFor();
  await create(late);
  await askAbout(world);
  expect(shown(await find(late.payoutId)).state).toBe("PENDING QUEUED");
  bank.arrive();
  const [[ref, { bankReference }] = expect.fail()] = [...bank.held];
  const told = { kind: "SUCCEEDED", bankReference, code: "", text: "", raw: "" } as const;
  const news = [{ provider: "bank", ref, ...told }];
  await transaction(settlement.db, async (tx) => applyNews(tx, settlement, news));
  expect(shown(await find(late.payoutId)).state).toBe("SUCCEEDED");
  expect(shown((await create(askedFor()))[0] as Payout).state).toBe("PENDING QUEUED");
});

test("PAY-10 a payout that is sent again on another day counts on that day", async () => {
  const banks = [testBank("bank", { dailyLimitMinor: 150n })];
  await using world = await testSettlement({ banks });
  const { bank, create, find, settlement, sweep } = world;
  bank.control.next = ["NOT_PROCESSED"];
  const late = askedFor();
  expect(said(await create(late))).toEqual(["PENDING QUEUED"]);
  for (const table of ["provider_day", "provider_day_return"])
    await sql`update ${sql.table(table)} set day = day - 1`.execute(settlement.db.sql);
  await sql`update payout_attempt set counted_on = counted_on - 1`.execute(settlement.db.sql);
  await sweep();
  expect(shown(await find(late.payoutId)).state).toBe("SUCCEEDED");
  expect(said(await create(askedFor()))).toEqual(["PENDING QUEUED"]);
});

test("PAY-10 a payout that is more than any bank pays on a day fails", async () => {
  const banks = [
    testBank("bank", { dailyLimitMinor: 100n }),
    testBank("bank-second", { dailyLimitMinor: 250n }),
  ];
  await using world = await testSettlement({ banks });
  const created = await world.create(askedFor({ irr: "2.50" }), askedFor({ irr: "2.51" }));
  expect(said(created)).toEqual(["SUCCEEDED", "ABOVE_BANK_LIMITS"]);
  expect((await world.changes()).map(({ reason }) => reason)).toContain("ABOVE_BANK_LIMITS");
});

test("PAY-10 a payout fails when the only bank that could pay so much has refused it", async () => {
  const banks = [testBank("bank"), testBank("bank-second", { dailyLimitMinor: 250n })];
  await using world = await testSettlement({ banks });
  banks[0]!.control.next = ["REJECT_PROVIDER", "REJECT_PROVIDER"];
  const created = await world.create(askedFor({ irr: "2.51" }), askedFor({ irr: "2.50" }));
  expect(said(created)).toEqual(["NOT_SERVED", "PENDING QUEUED"]);
});

const providersOf = (created: readonly unknown[]) =>
  created.map((payout) => (payout as Payout).provider);

/** Has the banks asked for what is open, and nothing sent. */
async function askAbout({ settlement }: Awaited<ReturnType<typeof testSettlement>>): Promise<void> {
  await sql`update payout set due_at = now() where due_at < 'infinity'`.execute(settlement.db.sql);
  const { signal } = new AbortController();
  for (const bank of settlement.banks.values()) await askProvider(settlement, bank, signal);
}
