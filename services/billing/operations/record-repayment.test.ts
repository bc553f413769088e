import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import {
  bankCustodyAccount,
  merchantCreditAccount,
  merchantCreditUsedAccount,
  poolAccount,
} from "../domain/chart.ts";
import { testBilling } from "../testing/test-billing.ts";
import { callBy, fillPool, grant, repay } from "../testing/test-credit.ts";
import { changesOf, unbalanced } from "../testing/test-flows.ts";
import { findFaults, testWriter } from "../testing/test-ledger.ts";
import { captureHolds } from "./capture-holds.ts";
import { createHolds } from "./create-holds.ts";
import { getCredit } from "./get-credit.ts";
import { getPool } from "./get-pool.ts";

const world = await testBilling();
const { billing, db } = world;
beforeAll(async () => void (await fillPool(billing, "1000.00")));
afterAll(async () => world[Symbol.asyncDispose]());

const reasonWhy = async (call: Promise<unknown>) =>
  reasonOf(await call.catch((error: unknown) => error));
const irr = billing.assets.byCode("IRR")!;
const rights = billing.assets.byCode("IRR.credit")!;

/** A merchant with a limit of 100.00 of which some is utilized. */
async function merchantWith(utilized: string): Promise<string> {
  const { merchantId } = await grant(billing, "100.00");
  const hold = { holdId: newId(), ownerId: merchantId, asset: "IRR", reference: "" };
  await createHolds(billing, { service: "core", holds: [{ ...hold, amount: utilized }] }, {});
  const holds = [{ holdId: hold.holdId, bank: "main" }];
  const [outcome] = await captureHolds(billing, { service: "core", holds }, {});
  expect(outcome?.state).toBe("captured");
  return merchantId;
}

test("FLOW-13 a repayment fills the pool and frees as much credit, once a key", async () => {
  const merchantId = await merchantWith("40.00");
  const call = callBy("service:core");
  const names = {
    bank: bankCustodyAccount("mellat-2", irr),
    pool: poolAccount(irr),
    used: merchantCreditUsedAccount(merchantId, rights),
    credit: merchantCreditAccount(merchantId, rights),
  };
  const again = { ...call };
  const changes = await changesOf(billing, names, async () => {
    const paid = { bank: "mellat-2", reference: "wire 9" };
    const first = await repay(billing, merchantId, "15.00", { ...paid, call });
    expect(first.credit).toMatchObject({
      creditLimit: { amount: "100.00" },
      utilized: { amount: "25.00" },
      held: { amount: "0.00" },
      available: { amount: "75.00" },
    });
    expect(await repay(billing, merchantId, "15.00", { ...paid, call: again })).toEqual(first);
  });
  expect(again.replayed).toBe(true);
  expect(changes).toEqual({
    bank: "d +15.00",
    pool: "c +15.00",
    used: "d +15.00",
    credit: "c +15.00",
  });
  const { rows } = await sql`select distinct reference from transfer_reference
    where reference = 'wire 9'`.execute(db.sql);
  expect(rows).toHaveLength(1);
});

test("FLOW-13 a repayment is no top-up of the pool", async () => {
  const merchantId = await merchantWith("5.00");
  const before = await getPool(billing, {});
  await repay(billing, merchantId, "5.00");
  expect(await getPool(billing, {})).toEqual({
    ...before,
    availableMinor: before.availableMinor + 500n,
  });
});

test("FLOW-13 no more is paid back than is utilized, and what is in flight is not yet", async () => {
  const merchantId = await merchantWith("10.00");
  const held = { holdId: newId(), ownerId: merchantId, asset: "IRR", amount: "7.00" };
  const holds = [{ ...held, reference: "" }];
  await createHolds(billing, { service: "core", holds }, {});
  const call = callBy("service:core");
  const refused = await repay(billing, merchantId, "10.01", { call }).catch((e: unknown) => e);
  expect([reasonOf(refused), (refused as Error).message]).toEqual([
    "REPAYMENT_EXCEEDED",
    expect.stringContaining("10.01 is more than the 10.00 that the merchant has utilized."),
  ]);
  const [whole, beyond] = [callBy("service:core"), { ...call }];
  expect((await repay(billing, merchantId, "10.00", { call: whole })).credit).toMatchObject({
    utilized: { amount: "0.00" },
    held: { amount: "7.00" },
    available: { amount: "93.00" },
  });
  expect(await reasonWhy(repay(billing, merchantId, "10.01", { call: beyond }))).toBe(
    "REPAYMENT_EXCEEDED",
  );
  expect(beyond.replayed).toBe(true);
});

test("of fifty repayments at once no more are made than something is utilized for", async () => {
  const merchantId = await merchantWith("10.00");
  const calls = Array.from({ length: 50 }, async () =>
    reasonWhy(repay(billing, merchantId, "1.00")),
  );
  const reasons = await Promise.all(calls);
  expect(reasons.filter((reason) => reason === "REPAYMENT_EXCEEDED")).toHaveLength(40);
  expect((await getCredit(billing, merchantId, {})).utilizedMinor).toBe(0n);
  expect(await unbalanced(billing)).toEqual([]);
});

test.each([
  ["0", "IRR", "INVALID_AMOUNT"],
  ["1.001", "IRR", "INVALID_AMOUNT"],
  ["1000000000000.01", "IRR", "AMOUNT_TOO_LARGE"],
  ["1", "USDT", "UNKNOWN_ASSET"],
  ["1", "IRR", "MERCHANT_NOT_FOUND"],
])("a repayment of %s %s by nobody is refused with %s", async (amount, asset, reason) => {
  expect(await reasonWhy(repay(billing, newId(), amount, { asset }))).toBe(reason);
});

test("IDEM-7 a repayment that comes again after the life of its key changes nothing", async () => {
  const merchantId = await merchantWith("10.00");
  const [old, older] = [callBy("service:core", "old"), callBy("service:core", "older")];
  await repay(billing, merchantId, "6.00", { call: { ...old } });
  await repay(billing, merchantId, "1.00", { call: { ...older } });
  await db.sql.deleteFrom("idempotency" as never).execute();
  await using writer = await testWriter(db.url);
  const restarted = { ...billing, writer, assets: writer.assets };
  const late = await repay(restarted, merchantId, "6.00", { call: old });
  expect(late.credit?.utilized?.amount).toBe("3.00");
  const other = repay(restarted, merchantId, "2.00", { call: older });
  expect(await reasonWhy(other)).toBe("LEDGER_REFUSED");
  expect((await getCredit(restarted, merchantId, {})).utilizedMinor).toBe(300n);
  expect(await findFaults(db)).toEqual([]);
});
