import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { hexOf, newId, ZERO_ID } from "#mesh/ids.ts";
import { bankCustodyAccount, poolAccount, TransferCodes } from "../domain/chart.ts";
import { poolOf } from "../domain/credit.ts";
import { callBy, fillPool } from "../testing/test-credit.ts";
import { charge, newOwner, testBilling } from "../testing/test-billing.ts";
import { findFaults, make, testWriter } from "../testing/test-ledger.ts";
import { createTransfers } from "./create-transfers.ts";
import { getPool } from "./get-pool.ts";
import { revertTransfer } from "./revert-transfer.ts";

const world = await testBilling();
const { billing, db } = world;
afterAll(async () => world[Symbol.asyncDispose]());

const reasonWhy = async (call: Promise<unknown>) =>
  reasonOf(await call.catch((error: unknown) => error));
const irr = billing.assets.byCode("IRR")!;
const accountNow = async (id: string) =>
  billing.writer.submit({ eventCount: 1, decide: ({ ledger }) => ({ ...ledger.account(id)! }) });

test("FLOW-8 a top-up moves money from the bank to the pool, once a key", async () => {
  const before = await getPool(billing, {});
  const call = callBy("admin");
  const first = await fillPool(billing, "100.00", { call, reference: "wire 7" });
  const again = { ...call };
  expect(await fillPool(billing, "100.00", { call: again, reference: "wire 7" })).toEqual(first);
  expect(again.replayed).toBe(true);
  const after = await getPool(billing, {});
  expect(after).toEqual({
    availableMinor: before.availableMinor + 10_000n,
    heldMinor: 0n,
    toppedUpMinor: before.toppedUpMinor + 10_000n,
  });
  const custody = await accountNow(bankCustodyAccount("main", irr).id);
  expect(custody.debitsPosted).toBe(after.availableMinor);
  expect(first.pool).toMatchObject({
    available: { asset: "IRR" },
    held: { amount: "0.00" },
    totalToppedUp: { asset: "IRR" },
  });
});

test("FLOW-8 the account of another bank is opened on first use", async () => {
  await fillPool(billing, "7.00", { bank: "mellat-2" });
  expect(await accountNow(bankCustodyAccount("mellat-2", irr).id)).toMatchObject({
    code: 600,
    flags: 0,
    debitsPosted: 700n,
  });
});

test("what comes back to the pool is available, but no top-up, after a restart too", async () => {
  await fillPool(billing, "5.00");
  const before = await getPool(billing, {});
  const [result] = await make(billing.writer, {
    id: hexOf(newId()),
    debitAccountId: bankCustodyAccount("main", irr).id,
    creditAccountId: poolAccount(irr).id,
    amount: 300n,
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    ledger: irr.ledger,
    code: TransferCodes.MERCHANT_RETURN,
    flags: 0,
    userData: ZERO_ID,
  });
  expect(result?.status).toBe("created");
  const wanted = poolOf(await accountNow(poolAccount(irr).id), before.toppedUpMinor);
  expect(wanted.availableMinor).toBe(before.availableMinor + 300n);
  expect(await getPool(billing, {})).toEqual(wanted);
});

test.each([
  ["0", "IRR", "INVALID_AMOUNT"],
  ["1.001", "IRR", "INVALID_AMOUNT"],
  ["1000000000000.01", "IRR", "AMOUNT_TOO_LARGE"],
  ["1", "USDT", "UNKNOWN_ASSET"],
  ["1", "IRR.credit", "UNKNOWN_ASSET"],
])("a top-up of %s %s is refused, and its key stays free", async (amount, asset, reason) => {
  const call = callBy("admin");
  expect(await reasonWhy(fillPool(billing, amount, { asset, call }))).toBe(reason);
  expect(await fillPool(billing, "1.00", { call: { ...call } })).toMatchObject({ pool: {} });
});

test("rights are no money: nobody is charged with credit", async () => {
  const userId = await newOwner(billing);
  const call = charge(billing, { userId, asset: "IRR.credit" });
  expect(await reasonWhy(call)).toBe("UNKNOWN_ASSET");
});

test("FLOW-8 nobody books top-ups but billing, not even core", async () => {
  const topUp = {
    id: hexOf(newId()),
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    userData: ZERO_ID,
    flags: 0,
    debitAccountId: bankCustodyAccount("main", irr).id,
    creditAccountId: poolAccount(irr).id,
    asset: "IRR",
    amount: "3.00",
    isAll: false,
    code: TransferCodes.POOL_TOPUP,
  };
  const call = createTransfers(billing, [topUp], { service: "core" });
  expect(await reasonWhy(call)).toBe("NOT_ALLOWED");
});

test("S10 who has moved money by hand, how and why, is stored with the transfer", async () => {
  const { rows } = await sql`select requested_by, approved_by, method, reference
    from movement order by at_us limit 1`.execute(db.sql);
  expect(rows).toEqual([
    { requested_by: "admin", approved_by: null, method: "Test/Call", reference: "wire 7" },
  ]);
});

test("WR-5 EXT-3 a restarted writer knows what the pool has got, and what was reverted of it", async () => {
  const before = await getPool(billing, {});
  await using writer = await testWriter(db.url);
  const restarted = { ...billing, writer, assets: writer.assets };
  expect(await getPool(restarted, {})).toEqual(before);
  await fillPool(restarted, "2.00");
  expect((await getPool(restarted, {})).toppedUpMinor).toBe(before.toppedUpMinor + 200n);
  await fillPool(restarted, "9.00");
  const id = hexOf(newId());
  const reverted = await revertTransfer(restarted, { id, originalId: await lastTopUp() }, {});
  expect(reverted.status).toBe("created");
  const net = before.toppedUpMinor + 200n;
  expect((await getPool(restarted, {})).toppedUpMinor).toBe(net);
  await using next = await testWriter(db.url);
  const again = { ...billing, writer: next, assets: next.assets };
  expect((await getPool(again, {})).toppedUpMinor).toBe(net);
  expect(await findFaults(db)).toEqual([]);
});

async function lastTopUp(): Promise<string> {
  const found = await sql<{ id: string }>`
    select id from transfer where code = ${TransferCodes.POOL_TOPUP}
      order by at_us desc limit 1`.execute(db.sql);
  return hexOf(found.rows[0]!.id);
}
