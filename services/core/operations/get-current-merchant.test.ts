import { afterAll, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { testCore } from "../testing/test-core.ts";
import { approved, callOf, register } from "../testing/test-merchants.ts";
import { getCurrentMerchant } from "./get-current-merchant.ts";
import { setBankAccount } from "./set-bank-account.ts";

const running = await testCore();
const { core, credits } = running;
afterAll(async () => running[Symbol.asyncDispose]());

const asMerchant = (id: string, key = newId()) => callOf(id, "MERCHANT", { key });

test("a merchant sees profile, credit and wallet", async () => {
  const id = await approved(core, "1000.00");
  credits.lines.get(id)!.utilized = 100n;
  const { merchant, credit, wallet } = await getCurrentMerchant(core, id, asMerchant(id));
  expect(merchant).toMatchObject({ id, state: "ACTIVE", creditLimitMinor: 100_000n });
  expect(credit).toMatchObject({ utilized: { amount: "1.00" }, available: { amount: "999.00" } });
  expect(wallet).toMatchObject([{ total: { amount: "7.00" } }]);
});

test("a merchant that waits has neither credit nor, before the ledger knows it, a wallet", async () => {
  const id = await register(core);
  const { merchant, credit, wallet } = await getCurrentMerchant(core, id, asMerchant(id));
  expect(merchant).toMatchObject({ state: "PENDING", creditLimitMinor: undefined });
  expect([credit, wallet]).toEqual([undefined, []]);
});

test("a merchant says where its money goes", async () => {
  const [id, key] = [await register(core), newId()];
  const { merchant } = await setBankAccount(core, "IR-2", asMerchant(id, key));
  expect(merchant).toMatchObject({ id, bankAccount: "IR-2" });
  await setBankAccount(core, "IR-3", asMerchant(id));
  expect((await setBankAccount(core, "IR-2", asMerchant(id, key))).merchant).toEqual(merchant);
  expect((await getCurrentMerchant(core, id, asMerchant(id))).merchant.bankAccount).toBe("IR-3");
});

test("who has the role but never registered is no merchant", async () => {
  const id = newId();
  const calls = [
    getCurrentMerchant(core, id, asMerchant(id)),
    setBankAccount(core, "IR-2", asMerchant(id)),
  ];
  const reasons = await Promise.all(calls.map(async (call) => call.then(() => "OK", reasonOf)));
  expect(reasons).toEqual(["MERCHANT_NOT_FOUND", "MERCHANT_NOT_FOUND"]);
});
