import { toBinary } from "@bufbuild/protobuf";
import { afterAll, expect, test } from "vitest";
import { GrantCreditResponseSchema } from "#gen/mizan/billing/v1/credit_service_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { hexOf, newId, ZERO_ID } from "#mesh/ids.ts";
import { TransferFlags } from "../domain/transfer.ts";
import { callBy, grant } from "../testing/test-credit.ts";
import { testBilling } from "../testing/test-billing.ts";
import { findFaults, make, testWriter } from "../testing/test-ledger.ts";
import { creditAccounts, getCredit } from "./get-credit.ts";

const world = await testBilling();
const { billing, db } = world;
afterAll(async () => world[Symbol.asyncDispose]());

const reasonWhy = async (call: Promise<unknown>) =>
  reasonOf(await call.catch((error: unknown) => error));

/** Moves credit of a merchant to what is used, or holds it for that. */
async function use(merchantId: string, amount: bigint, flags = 0): Promise<void> {
  const { unused, used } = creditAccounts(merchantId, billing.assets);
  const [result] = await make(billing.writer, {
    id: hexOf(newId()),
    debitAccountId: unused.id,
    creditAccountId: used.id,
    amount,
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    ledger: unused.ledger,
    code: 6,
    flags,
    userData: ZERO_ID,
  });
  expect(result!.status).toBe("created");
}

test("FLOW-6 the first grant opens the accounts of the merchant and gives the limit", async () => {
  const { merchantId, credit } = await grant(billing, "1000.00");
  expect(credit).toMatchObject({
    creditLimit: { asset: "IRR", amount: "1000.00" },
    utilized: { asset: "IRR", amount: "0.00" },
    held: { asset: "IRR", amount: "0.00" },
    available: { asset: "IRR", amount: "1000.00" },
  });
  const { unused, used } = creditAccounts(merchantId, billing.assets);
  const accounts = await billing.writer.submit({
    eventCount: 1,
    decide: ({ ledger }) => [ledger.account(unused.id), ledger.account(used.id)],
  });
  const mine = { flags: 2, userData: hexOf(merchantId), ledger: 6 };
  expect(accounts).toMatchObject([
    { code: 200, ...mine },
    { code: 201, ...mine },
  ]);
});

test("FLOW-6 FLOW-7 a grant names the new limit; the difference is posted", async () => {
  const { merchantId } = await grant(billing, "1000.00");
  await grant(billing, "1500.00", { merchantId });
  await use(merchantId, 20_000n);
  await use(merchantId, 10_000n, TransferFlags.PENDING);
  const { credit } = await grant(billing, "300.00", { merchantId });
  expect(credit).toMatchObject({
    creditLimit: { amount: "300.00" },
    utilized: { amount: "200.00" },
    held: { amount: "100.00" },
    available: { amount: "0.00" },
  });
  expect(await getCredit(billing, merchantId, {})).toEqual({
    limitMinor: 30_000n,
    utilizedMinor: 20_000n,
    heldMinor: 10_000n,
    availableMinor: 0n,
  });
});

test("FLOW-7 a limit below what is utilized and held is refused for good", async () => {
  const { merchantId } = await grant(billing, "10.00");
  await use(merchantId, 400n);
  await use(merchantId, 300n, TransferFlags.PENDING);
  const call = callBy("service:core");
  const low = await grant(billing, "6.99", { merchantId, call }).catch((error: unknown) => error);
  expect([reasonOf(low), (low as Error).message]).toEqual([
    "CREDIT_IN_USE",
    expect.stringContaining("The limit 6.99 is less than the 7.00 that is utilized and held."),
  ]);
  await grant(billing, "20.00", { merchantId });
  const again = { ...call };
  expect(await reasonWhy(grant(billing, "6.99", { merchantId, call: again }))).toBe(
    "CREDIT_IN_USE",
  );
  expect(again.replayed).toBe(true);
  expect((await getCredit(billing, merchantId, {})).limitMinor).toBe(2000n);
});

test("the limit that there is moves nothing, and is answered the same", async () => {
  const { merchantId, credit } = await grant(billing, "10.00");
  const { unused } = creditAccounts(merchantId, billing.assets);
  const versionOf = async () =>
    billing.writer.submit({
      eventCount: 1,
      decide: ({ ledger }) => ledger.account(unused.id)!.version,
    });
  const before = await versionOf();
  expect((await grant(billing, "10.00", { merchantId })).credit).toEqual(credit);
  expect(await versionOf()).toBe(before);
});

test("zero opens the accounts, and takes the whole credit away", async () => {
  const { merchantId, credit } = await grant(billing, "0");
  expect(credit?.creditLimit?.amount).toBe("0.00");
  await grant(billing, "5.00", { merchantId });
  await grant(billing, "0.00", { merchantId });
  expect((await getCredit(billing, merchantId, {})).limitMinor).toBe(0n);
});

test("IDEM-5 fifty calls with one key raise the limit once, and later grants stay", async () => {
  const merchantId = newId();
  const call = callBy("service:core");
  const answers = await Promise.all(
    Array.from({ length: 50 }, async () =>
      grant(billing, "30.00", { merchantId, call: { ...call } }),
    ),
  );
  const bytes = answers.map((answer) => toBinary(GrantCreditResponseSchema, answer).toHex());
  expect(new Set(bytes).size).toBe(1);
  await grant(billing, "40.00", { merchantId });
  await grant(billing, "30.00", { merchantId, call: { ...call } });
  expect((await getCredit(billing, merchantId, {})).limitMinor).toBe(4000n);
});

test("IDEM-7 a grant that comes again after the life of its key changes nothing", async () => {
  const { merchantId } = await grant(billing, "30.00", { call: callBy("service:core", "old") });
  await grant(billing, "30.00", { call: callBy("service:core", "older") });
  await grant(billing, "10.00", { merchantId });
  await db.sql.deleteFrom("idempotency" as never).execute();
  await using writer = await testWriter(db.url);
  const restarted = { ...billing, writer, assets: writer.assets };
  const late = await grant(restarted, "30.00", { merchantId, call: callBy("service:core", "old") });
  expect(late.credit?.creditLimit?.amount).toBe("10.00");
  const other = grant(restarted, "30.00", { call: callBy("service:core", "older") });
  expect(await reasonWhy(other)).toBe("LEDGER_REFUSED");
  expect(await findFaults(db)).toEqual([]);
});

test.each([
  ["1.001", "IRR", "INVALID_AMOUNT"],
  ["1000000000000.01", "IRR", "AMOUNT_TOO_LARGE"],
  ["1", "USDT", "UNKNOWN_ASSET"],
])("a limit of %s %s is refused", async (limit, asset, reason) => {
  expect(await reasonWhy(grant(billing, limit, { asset }))).toBe(reason);
});

test("somebody without credit is told so", async () => {
  expect(await reasonWhy(getCredit(billing, newId(), {}))).toBe("MERCHANT_NOT_FOUND");
});
