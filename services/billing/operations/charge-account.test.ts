import { toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  type ChargeAccountResponse,
  ChargeAccountResponseSchema,
} from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { callOf, charge, newOwner, testBilling } from "../testing/test-billing.ts";
import { findFaults, testWriter } from "../testing/test-ledger.ts";
import { getBalance } from "./get-balance.ts";
import { listBalances } from "./list-balances.ts";
import { listEntries } from "./list-entries.ts";

const bytesOf = (response: ChargeAccountResponse) =>
  toBinary(ChargeAccountResponseSchema, response).toHex();

const reasonWhy = async (call: Promise<unknown>) =>
  reasonOf(await call.catch((error: unknown) => error));

test("FLOW-1 a charge moves money from the world to the account of a user", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const userId = await newOwner(billing);
  const response = await charge(billing, { userId, amount: "250.5", reference: "cash" });
  expect(response).toMatchObject({
    entry: { type: 1, side: 2, amount: { asset: "IRR", amount: "250.50" }, reference: "cash" },
    balance: { available: { amount: "250.50" }, held: { amount: "0.00" }, total: {} },
  });
  expect(await findFaults(db)).toEqual([]);
});

test("A3 fifty calls with one key at once have one effect and one answer", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const userId = await newOwner(billing);
  const calls = Array.from({ length: 50 }, () => callOf("one key"));
  const answers = await Promise.all(calls.map(async (call) => charge(billing, { userId }, call)));
  expect(new Set(answers.map(bytesOf)).size).toBe(1);
  expect(calls.filter(({ replayed }) => !replayed)).toHaveLength(1);
  const balance = await getBalance(billing, { ownerId: userId, asset: "IRR" }, {});
  expect(balance.availableMinor).toBe(100n);
});

test("IDEM-5 a retry has the same answer to the byte, after a restart too", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const userId = await newOwner(billing);
  const first = await charge(billing, { userId }, callOf("k"));
  await charge(billing, { userId, amount: "5.00" });
  await using writer = await testWriter(db.url);
  const call = callOf("k");
  const again = await charge({ ...billing, writer }, { userId }, call);
  expect([bytesOf(again), call.replayed]).toEqual([bytesOf(first), true]);
});

test("IDEM-6 a key that was used for another request is refused, and nothing is written", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const userId = await newOwner(billing);
  await charge(billing, { userId }, callOf("k"));
  const other = charge(
    billing,
    { userId, amount: "2.00" },
    callOf("k", new Uint8Array(32).fill(1)),
  );
  expect(await reasonWhy(other)).toBe("IDEMPOTENCY_KEY_REUSED");
  const [balance] = await listBalances(billing, userId, {});
  expect(balance?.availableMinor).toBe(100n);
});

test("IDEM-7 a refusal is kept as the answer of its key", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const userId = newId();
  const calls = [callOf("k"), callOf("k")];
  for (const call of calls) {
    expect(await reasonWhy(charge(billing, { userId }, call))).toBe("USER_NOT_FOUND");
  }
  expect(calls.map(({ replayed }) => replayed)).toEqual([false, true]);
});

test("after the life of its key a charge still applies once", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const userId = await newOwner(billing);
  await charge(billing, { userId }, callOf("k"));
  await db.sql.deleteFrom("idempotency" as never).execute();
  await using writer = await testWriter(db.url);
  const late = { ...billing, writer };
  expect(await charge(late, { userId }, callOf("k"))).toMatchObject({ balance: { total: {} } });
  const balance = await getBalance(late, { ownerId: userId, asset: "IRR" }, {});
  expect(balance.availableMinor).toBe(100n);
});

test("ACC-9 the account of another asset is opened on first use", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const userId = await newOwner(billing, "1.00");
  await charge(billing, { userId, asset: "ETH", amount: "0.000000000000000001" });
  const balances = await listBalances(billing, userId, {});
  expect(balances).toEqual([
    { ledger: 5, availableMinor: 1n, heldMinor: 0n },
    { ledger: 1, availableMinor: 100n, heldMinor: 0n },
  ]);
  const { rows } = await listEntries(
    billing,
    { ownerId: userId, asset: "ETH", pageSize: 0, pageToken: "" },
    {},
  );
  expect(rows).toHaveLength(1);
});

test.each([
  ["0", "INVALID_AMOUNT"],
  ["0.00", "INVALID_AMOUNT"],
  ["-1", "INVALID_AMOUNT"],
  ["1.001", "INVALID_AMOUNT"],
  ["1e3", "INVALID_AMOUNT"],
  ["1000000000000.01", "AMOUNT_TOO_LARGE"],
  ["9".repeat(36), "AMOUNT_TOO_LARGE"],
  ["9".repeat(37), "AMOUNT_TOO_LARGE"],
])("a charge of %s is refused and nothing is kept", async (amount, reason) => {
  await using world = await testBilling();
  const { billing } = world;
  const userId = await newOwner(billing);
  expect(await reasonWhy(charge(billing, { userId, amount }, callOf("k")))).toBe(reason);
  expect(await charge(billing, { userId }, callOf("k"))).toMatchObject({ entry: { type: 1 } });
});

test.each([
  ["IRR", "1000000000000.00"],
  ["ETH", "1000000000000.000000000000000000"],
])("the largest charge of %s is one of a million million", async (asset, amount) => {
  await using world = await testBilling();
  const { billing, db } = world;
  const userId = await newOwner(billing);
  expect(await charge(billing, { userId, asset, amount })).toMatchObject({
    balance: { available: { asset, amount } },
  });
  const beyond = charge(billing, { userId, asset, amount: amount.replace(/0$/, "1") });
  expect(await reasonWhy(beyond)).toBe("AMOUNT_TOO_LARGE");
  expect(await findFaults(db)).toEqual([]);
});

test("a charge of what the ledger does not count is refused", async () => {
  await using world = await testBilling();
  const { billing } = world;
  const userId = await newOwner(billing);
  expect(await reasonWhy(charge(billing, { userId, asset: "XYZ" }))).toBe("UNKNOWN_ASSET");
});
